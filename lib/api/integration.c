/* SPDX-License-Identifier: MIT */
#include "lib/api/integration.h"

#include "lib/base/memory.h"

#define TYPE_LENGTH_MAX 64

static const struct integration table[] = {
    {"gmail", "Gmail", INTEGRATION_OAUTH},
    {"gdrive", "Google Drive", INTEGRATION_OAUTH},
    {"github", "GitHub", INTEGRATION_OAUTH_OR_TOKEN},
    {"notion", "Notion", INTEGRATION_OAUTH_OR_TOKEN},
    {"linear", "Linear", INTEGRATION_OAUTH},
    {"slack", "Slack", INTEGRATION_OAUTH},
    {"posthog", "PostHog", INTEGRATION_API_KEY},
};

const struct integration *integration_table(size_t *ret_n)
{
    *ret_n = ARRAY_SIZE(table);
    return table;
}

const struct integration *integration_find(const char *type)
{
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (streq(table[i].type, type))
            return &table[i];
    }
    return NULL;
}

const char *integration_name(const char *type)
{
    const struct integration *integration = integration_find(type);

    return integration ? integration->name : type;
}

bool integration_type_is_valid(const char *type)
{
    size_t length = strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return length >= 1 && length <= TYPE_LENGTH_MAX && type[length] == '\0';
}
