/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Points in time as microseconds since 1970 (UTC), and the two ways others write them: RFC 3339
 * (Airstore's objects, our interface) and the Date header of HTTP (RFC 9110, section 5.6.7).
 */

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define USEC_PER_MSEC ((int64_t)1000)
#define USEC_PER_SEC ((int64_t)1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)

/* Room for any time stamp that timestamp_format() writes, its NUL included. */
#define TIMESTAMP_SIZE 32

/* The clock's value in microseconds: CLOCK_REALTIME for time stamps, CLOCK_BOOTTIME (which counts
 * sleep) for waiting. */
int64_t timestamp_now(clockid_t clock);

/* "2026-11-21T09:30:00Z", with a fraction of up to nine digits and Z or an offset. 0, or -EINVAL.
 */
int timestamp_parse(const char *text, int64_t *ret_usec);

/* "2026-11-21T09:30:00.123Z": UTC, milliseconds. Years outside 0000–9999 are clamped. Returns text.
 */
const char *timestamp_format(int64_t usec, char text[static TIMESTAMP_SIZE]);

/* "Sat, 21 Nov 2026 09:30:00 GMT", the one form of HTTP's three that servers may still send. 0, or
 * -EINVAL. */
int timestamp_parse_http(const char *text, int64_t *ret_usec);
