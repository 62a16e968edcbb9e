/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the daemon finds out about itself, its surroundings and Airstore, for people who wonder why
 * something does not work. Each function adds its checks to an array of objects, as the interface
 * has them: what was looked at, how it is, and what to do about it. None of them waits for
 * anything. 0 or -ENOMEM.
 */

#include "daemon/config.h"
#include "daemon/store/store.h"
#include "lib/api/response.h"
#include "lib/base/json.h"

enum diagnosis_result {
    DIAGNOSIS_OK,
    DIAGNOSIS_WARNING,
    DIAGNOSIS_WRONG,
};

/* One check. The message is a sentence without its end; advice: the command to type, where there is
 * one, or NULL. */
int diagnosis_add(struct json_object *checks, const char *check, enum diagnosis_result result,
    const char *message, const char *advice_or_null);
/* The same with a format for the message. */
int diagnosis_addf(struct json_object *checks, const char *check, enum diagnosis_result result,
    const char *advice_or_null, const char *format, ...) _printf_(5, 6);

int diagnose_configuration(const struct config *config, struct json_object *checks);
int diagnose_state(
    const struct config *config, const struct store *store, struct json_object *checks);
/* Whether a browser could come back to this computer. */
int diagnose_loopback(struct json_object *checks);
/* problem: of desktop_probe(); NULL when there is none. */
int diagnose_helper(const char *problem, struct json_object *checks);

/* What a request that only a good key is answered for says: of the server and the way there, of
 * both clocks and of the key. realtime: when the reply came. */
int diagnose_reply(const struct profile *profile, const struct api_reply *reply, int64_t realtime,
    struct json_object *checks);
