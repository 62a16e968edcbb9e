/* SPDX-License-Identifier: MIT */
#include "cli/integration.h"

#include "cli/nearest.h"
#include "lib/base/memory.h"

#include <strings.h>

static int learn(struct integration *integration, const char *type, const char *name)
{
    int r = string_replace(&integration->type, type);

    return r < 0 ? r : string_replace(&integration->name, name);
}

bool integration_is(const struct airstore_oauthd_integration *integration, const char *typed)
{
    return strcasecmp(integration->integration_type, typed) == 0 ||
           strcasecmp(integration->name, typed) == 0;
}

static int look_up(
    const struct airstore_oauthd_reply *reply, const char *typed, struct integration *ret)
{
    const char *near = NULL;

    for (size_t i = 0; reply->integrations[i]; i++) {
        const struct airstore_oauthd_integration *one = reply->integrations[i];
        if (integration_is(one, typed)) {
            ret->known = true;
            ret->authentication = one->authentication;
            return learn(ret, one->integration_type, one->name);
        }
        (void)nearest_try(typed, one->integration_type, &near);
    }
    return string_replace(&ret->near, near);
}

int integration_find(struct airstore_oauthd *oauthd, const char *typed, struct integration *ret)
{
    struct airstore_oauthd_reply *reply = NULL;

    int r = learn(ret, typed, typed);
    if (r >= 0 && oauthd && airstore_oauthd_list_integrations(oauthd, &reply, NULL) >= 0)
        r = look_up(reply, typed, ret);
    airstore_oauthd_reply_free(reply);
    return r;
}

void integration_clear(struct integration *integration)
{
    free(integration->type);
    free(integration->name);
    free(integration->near);
    *integration = (struct integration){0};
}

bool integration_is_type(const char *typed)
{
    return typed[strspn(typed, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}
