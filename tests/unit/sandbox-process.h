/* SPDX-License-Identifier: MIT */
#pragma once

/* An airstore-sandbox of the test's own: started, told to misbehave, asked what came, ended. All
 * functions fail the test when something does not work. */

#include <json-c/json.h>

#define SANDBOX_API_KEY "test-key"

struct sandbox_process;

/* Starts $AIRSTORE_SANDBOX_BINARY on a free port and returns when it is ready. */
struct sandbox_process *sandbox_start(void);
void sandbox_stop(struct sandbox_process *sandbox);

/* "http://127.0.0.1:PORT/api/v1" */
const char *sandbox_base_url(const struct sandbox_process *sandbox);

/* A request under /sandbox/, which must succeed. Returns the reply, which the caller puts. */
struct json_object *sandbox_ask(struct sandbox_process *sandbox, const char *method,
    const char *path, const char *body_or_null);
/* The same when the reply does not matter. */
void sandbox_tell(struct sandbox_process *sandbox, const char *method, const char *path,
    const char *body_or_null);

/* How many API requests have come since the last reset. */
int sandbox_requests(struct sandbox_process *sandbox);
/* Returns when so many have come; gives up after 20 seconds. */
void sandbox_wait_for_requests(struct sandbox_process *sandbox, int n);
