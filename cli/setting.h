/* SPDX-License-Identifier: MIT */
#pragma once

/* The daemon's configuration, of which some verbs need a value. */

#include "lib/airstore-oauthd.h"

/* In the answer to GetConfiguration, what is in force for a profile, NULL being the default one;
 * or NULL when nothing is. Without a key, anything that was set for it. */
const struct airstore_oauthd_setting *setting_find(const struct airstore_oauthd_reply *reply,
    const char *profile_or_null, const char *key_or_null);
