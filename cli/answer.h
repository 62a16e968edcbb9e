/* SPDX-License-Identifier: MIT */
#pragma once

/* The end of most verbs: the daemon has answered or has not, and the answer is to be shown. */

#include "cli/verb.h"

/* Shows the reply to people. Returns 0 or a negative errno. */
typedef int (*show_reply)(
    const struct airstore_oauthd_reply *reply, const struct arguments *arguments);

/*
 * r: what the library returned; with it either the reply or the error, which are freed here. Prints
 * the reply as JSON when that was asked for, else has it shown. Returns the exit status.
 */
enum status answer(int r, struct airstore_oauthd_reply *reply, struct airstore_oauthd_error *error,
    const struct arguments *arguments, show_reply show);
