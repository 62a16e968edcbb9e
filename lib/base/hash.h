/* SPDX-License-Identifier: MIT */
#pragma once

/* A number for a text. */

#include <stdint.h>

/* 64-bit FNV-1a over a start that is part of the number: 0, or one that makes it another. Whoever
 * knows the start can find texts of a number. */
static inline uint64_t hash_text(uint64_t start, const char *text)
{
    uint64_t hash = start ^ 14695981039346656037U;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211U;
    return hash;
}
