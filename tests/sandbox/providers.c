/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/providers.h"

#include "lib/base/memory.h"

#define GOOGLE_QUERY "&access_type=offline&prompt=consent%20select_account"

static const struct provider providers[] = {
    {"gmail", "Gmail", "google", "https://www.googleapis.com/auth/gmail.readonly", GOOGLE_QUERY},
    {"gdrive", "Google Drive", "google", "https://www.googleapis.com/auth/drive.readonly",
        GOOGLE_QUERY},
    {"github", "GitHub", "github", "repo read:user read:org", ""},
    {"notion", "Notion", "notion", "", "&owner=user"},
    {"linear", "Linear", "linear", "read", "&prompt=consent"},
    {"slack", "Slack", "slack", "channels:history channels:read users:read", "&user_scope="},
};

const struct provider *provider_find(const char *integration_type)
{
    for (size_t i = 0; i < ARRAY_SIZE(providers); i++) {
        if (streq(providers[i].type, integration_type))
            return &providers[i];
    }
    return NULL;
}
