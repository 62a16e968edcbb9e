/* SPDX-License-Identifier: MIT */
#pragma once

/* Which integration, for people who did not say. */

#include "cli/verb.h"

struct choice {
    char *type; /* the caller frees it */
    bool takes_key;
};

/* Asks on the terminal. Unless this returns STATUS_DONE, it has been said what is wrong:
 * STATUS_USAGE where there is no terminal. */
enum status choose_integration(
    struct airstore_oauthd *oauthd, const struct arguments *arguments, struct choice *ret);
