/* SPDX-License-Identifier: MIT */
#include "cli/setting.h"

#include "lib/base/memory.h"

static bool is_of(const char *section, const char *profile)
{
    const char *prefix = "profile ";

    if (!profile)
        return streq(section, "airstore");
    return strncmp(section, prefix, strlen(prefix)) == 0 &&
           streq(section + strlen(prefix), profile);
}

const struct airstore_oauthd_setting *setting_find(
    const struct airstore_oauthd_reply *reply, const char *profile, const char *key_or_null)
{
    for (size_t i = 0; reply->settings[i]; i++) {
        const struct airstore_oauthd_setting *setting = reply->settings[i];
        if (is_of(setting->section, profile) && (!key_or_null || streq(setting->key, key_or_null)))
            return setting;
    }
    return NULL;
}
