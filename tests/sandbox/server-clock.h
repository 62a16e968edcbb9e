/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The time as the sandbox tells it: in the Date header and in the time stamps of connections. It
 * can be told to be wrong. Lifetimes of sessions do not hang on it.
 */

#include <stdint.h>
#include <time.h>

#define SERVER_TIME_SIZE 40

struct timespec server_clock_now(int64_t offset_sec);

/* "2026-11-21T09:30:00.123456789Z". Returns text. */
const char *server_clock_rfc3339(struct timespec time, char text[static SERVER_TIME_SIZE]);

/* "Sat, 21 Nov 2026 09:30:00 GMT". Returns text. */
const char *server_clock_http_date(struct timespec time, char text[static SERVER_TIME_SIZE]);
