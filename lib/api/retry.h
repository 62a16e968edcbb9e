/* SPDX-License-Identifier: MIT */
#pragma once

/* When a request is sent again, and how long to wait before: the rule of the official SDK, as a
 * pure function. */

#include "lib/api/response.h"

#include <stdbool.h>
#include <stdint.h>

#define API_DEFAULT_RETRIES 2
#define API_RETRY_FIRST_USEC ((int64_t)500 * 1000)
#define API_RETRY_MAX_USEC ((int64_t)8 * 1000 * 1000)

/* A server that wants more patience than this from somebody who waits gets none: they hear of it
 * instead. */
#define API_RETRY_AFTER_PATIENCE_USEC ((int64_t)60 * 1000 * 1000)

/* 408, 409, 429, 500, 502, 503, 504, no connection, no reply in time. */
bool api_error_is_retried(const struct api_error *error);

/*
 * Trouble that says nothing about the request itself: the above, every other 5xx, and replies that
 * make no sense. A pending session outlives it.
 */
bool api_error_is_transient(const struct api_error *error);

/*
 * How long to wait before the retry number `retry`, counted from 0: what the server asked for, else
 * 500 ms doubled each time and at most 8 s, plus up to 50 % by `random`, which the caller draws
 * anew each time.
 */
int64_t api_retry_delay_usec(unsigned retry, int64_t retry_after_usec, uint32_t random);
