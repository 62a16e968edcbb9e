/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Who frees what: variables that clean up after themselves when they leave their scope, pointers
 * and descriptors that are handed on, and memory that is erased before it is given back.
 */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _printf_(text, first) __attribute__((format(printf, text, first)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The value of a variable, which is NULL (or -1) afterwards: for handing ownership on. */
#define TAKE_PTR(pointer)                                                                          \
    __extension__({                                                                                \
        __typeof__(pointer) *_take = &(pointer);                                                   \
        __typeof__(pointer) _taken = *_take;                                                       \
        *_take = NULL;                                                                             \
        _taken;                                                                                    \
    })
#define TAKE_FD(fd)                                                                                \
    __extension__({                                                                                \
        int *_take = &(fd);                                                                        \
        int _taken = *_take;                                                                       \
        *_take = -1;                                                                               \
        _taken;                                                                                    \
    })

/* DEFINE_CLEANUP(struct thing *, thing_free) makes thing_freep, for _cleanup_(thing_freep). */
#define DEFINE_CLEANUP(type, function)                                                             \
    static inline void function##p(type *variable)                                                 \
    {                                                                                              \
        if (*variable)                                                                             \
            function(*variable);                                                                   \
    }                                                                                              \
    struct memory_swallow_the_semicolon

static inline void memory_freep(void *pointer)
{
    free(*(void **)pointer);
}

static inline void memory_closep(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Erases a string and frees it. NULL is fine. Returns NULL. */
static inline char *secret_free(char *secret)
{
    if (secret) {
        explicit_bzero(secret, strlen(secret));
        free(secret);
    }
    return NULL;
}

DEFINE_CLEANUP(char *, secret_free);

#define _cleanup_free_ _cleanup_(memory_freep)
#define _cleanup_close_ _cleanup_(memory_closep)
#define _cleanup_secret_ _cleanup_(secret_freep)

static inline int streq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* The same, or both NULL. */
static inline int streq_or_null(const char *a, const char *b)
{
    return a && b ? streq(a, b) : a == b;
}

/* Replaces a string by a copy of another (or by nothing). 0, or -ENOMEM with the old value kept. */
int string_replace(char **string, const char *value);
