/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Bytes that grow up to a limit. A buffer erases what it held whenever it gives memory back,
 * because most of what passes through ours is a request or a reply with a credential in it.
 */

#include "lib/base/memory.h"

#include <stdarg.h>
#include <stddef.h>

struct buffer {
    char *data;       /* size bytes and a NUL that is not counted; NULL until something is added */
    size_t size;      /* bytes held */
    size_t allocated; /* bytes that fit, the NUL included */
    size_t limit;     /* the size that is never exceeded; 0 means no limit */
};

/* Each returns 0, -ENOMEM, or -EMSGSIZE when the limit would be exceeded; the buffer is unchanged
 * then. */
int buffer_append(struct buffer *buffer, const void *data, size_t size);
int buffer_append_string(struct buffer *buffer, const char *string);
int buffer_printf(struct buffer *buffer, const char *format, ...) _printf_(2, 3);

/* Appends a text in which each {name}, of 31 bytes at most, stands for what `append` appends for
 * that name. Returns what `append` did when that failed, too; the buffer may have grown then. */
typedef int (*buffer_append_named)(struct buffer *buffer, const char *name, const void *userdata);
int buffer_expand(
    struct buffer *buffer, const char *text, buffer_append_named append, const void *userdata);

/* Makes room for `size` further bytes behind data + buffer->size. The caller writes there and adds
 * to buffer->size. */
int buffer_reserve(struct buffer *buffer, size_t size);

/* Removes bytes from the front. */
void buffer_consume(struct buffer *buffer, size_t size);

/* Hands the memory to the caller, who frees it; the buffer is empty afterwards. NULL when nothing
 * was ever added. */
char *buffer_take(struct buffer *buffer);

/* Erases and frees the memory. The buffer can be used again. */
void buffer_clear(struct buffer *buffer);

#define _cleanup_buffer_ _cleanup_(buffer_clear)
