/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Libraries that are loaded when they are first needed. Most runs of the daemon answer some
 * questions from memory and end: libcurl and libmicrohttpd with the thirty libraries that they
 * bring along would be more than half of its start and of its memory.
 */

#include <stddef.h>

struct library_function {
    const char *name;
    void **address; /* where it is kept */
};

/* Loads a library, and finds all of these functions. The library stays until the end.
 * 0, or -ELIBACC, which is logged. */
int library_load(const char *file, const struct library_function *functions, size_t n_functions);
