/* SPDX-License-Identifier: MIT */
#pragma once

/* What an error means to whoever typed the command: what is said, what to do next, and the exit
 * status. */

#include "cli/verb.h"

/* Says what happened and what to do next, in terms of what was typed: an integration, a profile.
 * Returns the exit status. */
enum status report_error(
    const struct airstore_oauthd_error *error, const struct arguments *arguments_or_null);

/* The same for an errno of this program's own or of the library's. */
enum status report_code(int code);
