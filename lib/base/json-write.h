/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * JSON objects written straight into a buffer: for what holds secrets, of which json-c would keep
 * copies, and for what is said so often that making objects first would be felt.
 *
 * Each returns 0, -ENOMEM or -EMSGSIZE; part of it may stand in the buffer then. Strings have to be
 * UTF-8, which is not looked at.
 */

#include "lib/base/buffer.h"

#include <stdint.h>

/* "text", with what has to be escaped. */
int json_write_string(struct buffer *buffer, const char *text);

/* "name":, with a comma before it unless it is the first of its object. */
int json_write_name(struct buffer *buffer, const char *name);

/* A whole member, of a name in which nothing has to be escaped; nothing for NULL, or for a time
 * before 1970. */
int json_write_member(struct buffer *buffer, const char *name, const char *text_or_null);
int json_write_time(struct buffer *buffer, const char *name, int64_t usec);
