/* SPDX-License-Identifier: MIT */
#include "cli/plan.h"

#include "cli/integration.h"
#include "cli/setting.h"
#include "cli/workspace.h"
#include "lib/base/memory.h"

static int find_integration(struct airstore_oauthd *oauthd, const char *type, struct plan *plan)
{
    _cleanup_(integration_clear) struct integration integration = {0};

    int r = integration_find(oauthd, type, &integration);
    if (r < 0)
        return r;
    plan->untold = integration.known && integration.authentication == AIRSTORE_OAUTHD_API_KEY;
    plan->unsure = integration.known && !plan->untold;
    plan->name = TAKE_PTR(integration.name);
    return 0;
}

/* Without a key nothing can be done, so nothing is announced, as without a daemon. */
static int find_workspace(
    struct airstore_oauthd *oauthd, const struct arguments *arguments, struct plan *plan)
{
    struct airstore_oauthd_reply *reply = NULL;
    const char *workspace_id = workspace_of(arguments), *profile = profile_of(arguments);
    const struct airstore_oauthd_setting *configured;

    if (airstore_oauthd_get_configuration(oauthd, &reply, NULL) < 0) {
        plan->untold = true;
        return 0;
    }
    configured = setting_find(reply, profile, "workspace");
    if (!workspace_id && configured)
        workspace_id = configured->value;
    if (!setting_find(reply, profile, "api-key"))
        plan->untold = true;
    int r = string_replace(&plan->workspace_id, workspace_id);
    airstore_oauthd_reply_free(reply);
    return r;
}

int plan_make(struct airstore_oauthd *oauthd, const struct arguments *arguments, struct plan *plan)
{
    struct airstore_oauthd_reply *reply = NULL;

    plan->updated_at_usec = -1;
    int r = find_integration(oauthd, arguments->operand, plan);
    if (r >= 0 && !plan->untold)
        r = find_workspace(oauthd, arguments, plan);
    if (plan->untold)
        plan->unsure = false;
    if (r >= 0 && !plan->untold &&
        airstore_oauthd_list_connections(
            oauthd, plan->workspace_id, arguments->operand, false, &reply, NULL) >= 0)
        plan_learn(plan, arguments, reply);
    airstore_oauthd_reply_free(reply);
    return r;
}

void plan_learn(
    struct plan *plan, const struct arguments *arguments, const struct airstore_oauthd_reply *reply)
{
    const char *profile = profile_of(arguments);

    for (size_t i = 0; reply->connections[i]; i++) {
        const struct airstore_oauthd_connection *connection = reply->connections[i];
        if (!streq_or_null(connection->profile, profile))
            continue;
        plan->connected = true;
        plan->unsure = false;
        if (connection->updated_at_usec > plan->updated_at_usec)
            plan->updated_at_usec = connection->updated_at_usec;
    }
}

void plan_clear(struct plan *plan)
{
    free(plan->name);
    free(plan->workspace_id);
}
