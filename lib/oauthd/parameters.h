/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The call that is sent, written as text. Not by way of json-c, whose copies of the strings nobody
 * could erase: a parameter may be a credential.
 */

#include "lib/base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

enum parameter_type {
    PARAMETER_STRING,     /* left out when NULL */
    PARAMETER_INTEGER,    /* left out when negative */
    PARAMETER_BOOLEAN,    /* left out when negative */
    PARAMETER_STRING_MAP, /* name, value, …, NULL; left out when NULL */
};

struct parameter {
    const char *name;
    enum parameter_type type;
    const char *string;
    int64_t integer;
    const char *const *map;
};

/*
 * Appends the call of a method, with the NUL that ends it. parameters: ended by an entry without a
 * name. Returns 0, -ENOMEM, -EMSGSIZE when the buffer's limit would be exceeded, or -EINVAL when a
 * parameter is not UTF-8 or a map has a name twice. The buffer may have grown then.
 */
int call_text(
    struct buffer *buffer, const char *method, bool more, const struct parameter *parameters);

/*
 * For a call that is sent once more: of its parameter "timeout", which is `otherwise` where it was
 * left out, so many milliseconds are over. Returns 0 or -ENOMEM; the text is unchanged then.
 */
int call_text_shorten_timeout(struct buffer *text, int64_t otherwise, int64_t elapsed_msec);
