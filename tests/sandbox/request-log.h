/* SPDX-License-Identifier: MIT */
#pragma once

/* The last API requests that came, for tests that count them or look at when they came. */

#include <json-c/json.h>
#include <stdint.h>

/* How many are kept; the count goes on. */
#define REQUEST_LOG_ENTRIES 4096

struct request_log;

int request_log_new(struct request_log **ret);
struct request_log *request_log_free(struct request_log *log);

/* Notes a request that has come. Returns its number, counted from 1. */
int64_t request_log_add(struct request_log *log, const char *method, const char *api_path);

/* What was answered. Nothing happens when the entry has gone since. */
void request_log_set_status(struct request_log *log, int64_t number, unsigned status);

void request_log_clear(struct request_log *log);

/* {"count": how many came in all, "requests": [the last ones]}. NULL when memory is short. */
struct json_object *request_log_describe(const struct request_log *log);
