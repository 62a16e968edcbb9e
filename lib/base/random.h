/* SPDX-License-Identifier: MIT */
#pragma once

/* Random bytes that nobody can guess. */

#include <stddef.h>
#include <stdlib.h>
#include <sys/random.h>

/*
 * Fills up to 256 bytes, which getrandom(2) gives whole and without fail once the machine has
 * booted. Without the system call there is nothing that a nonce could be made of, and nothing to go
 * on with.
 */
static inline void random_fill(void *bytes, size_t size)
{
    if (getrandom(bytes, size, 0) != (ssize_t)size)
        abort();
}
