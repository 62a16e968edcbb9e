/* SPDX-License-Identifier: MIT */
#pragma once

/* Which integration, for people who did not say. */

#include "cli/verb.h"

/* Asks on the terminal. STATUS_DONE, with the type in *ret, which the caller frees; otherwise it
 * has been said what is wrong: STATUS_USAGE where there is no terminal. */
enum status choose_integration(
    struct airstore_oauthd *oauthd, const struct arguments *arguments, char **ret);
