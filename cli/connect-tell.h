/* SPDX-License-Identifier: MIT */
#pragma once

/* What connect tells people on the way. The result and what went wrong are told elsewhere. */

#include "cli/plan.h"

/* Before anything is done: what is about to be. */
void tell_plan(const struct plan *plan, const char *profile_or_null);

/* The session that is waited for; a browser shows it where one was opened just now. */
void tell_session(const struct plan *plan, const struct airstore_oauthd_reply *created);
void tell_opened(const struct plan *plan);

/* Connected. */
void tell_result(const struct plan *plan, const struct airstore_oauthd_session *session);

/* The live line while it is waited: until the browser has come back, and then until Airstore has
 * confirmed what it came back with. */
void tell_finishing(const struct plan *plan);
void tell_time_left(const struct plan *plan, int64_t left_usec, const char *what_interrupting_does);
