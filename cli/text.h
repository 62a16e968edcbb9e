/* SPDX-License-Identifier: MIT */
#pragma once

/* Times as people write and read them. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_SIZE 48

/* "90" (seconds), "500ms", "90s", "5m", "1h", "1m30s"; at most a day. 0, or -EINVAL. */
int duration_parse(const char *text, long *ret_msec);

/* "45 seconds", "5 minutes", "2 hours", "3 days". Returns text. */
const char *duration_format(int64_t usec, char text[static TEXT_SIZE]);

/* "5 minutes ago", "in 5 minutes", "just now"; "-" when it is negative, which stands for unknown.
 * Returns text.
 */
const char *time_relative(int64_t usec, int64_t now_usec, char text[static TEXT_SIZE]);
