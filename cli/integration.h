/* SPDX-License-Identifier: MIT */
#pragma once

/* An integration as it was typed, and as it is called. */

#include "cli/verb.h"

struct integration {
    bool known;
    enum airstore_oauthd_authentication authentication; /* when it is known */
    char *type; /* "gdrive"; what was typed when it is not known */
    char *name; /* "Google Drive"; the type when it is not known */
    char *near; /* the type that was probably meant, when it is not known; or NULL */
};

/* By its type or its name, in any case of letters. What the daemon does not tell is not known.
 * Returns 0 or -ENOMEM; the integration has to be cleared in any case. */
int integration_find(
    struct airstore_oauthd *oauthd_or_null, const char *typed, struct integration *ret);
void integration_clear(struct integration *integration);

/* Whether this one was typed: its type or its name, in any case of letters. */
bool integration_is(const struct airstore_oauthd_integration *integration, const char *typed);

/* Whether this is how integrations are called; else it could be the name of one. */
bool integration_is_type(const char *typed);
