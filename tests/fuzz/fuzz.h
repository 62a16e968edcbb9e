/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What every fuzz target includes. A target is one function that takes bytes from anybody and looks
 * whether what must hold does; libFuzzer calls it with bytes of its invention, replay.c with those
 * of the corpus.
 */

#include "lib/base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property: ends the run, and says which one it was. */
#define HOLDS(property)                                                                            \
    do {                                                                                           \
        if (!(property))                                                                           \
            fuzz_broken(__FILE__, __LINE__, #property);                                            \
    } while (0)
_Noreturn void fuzz_broken(const char *file, int line, const char *property);

/* The bytes as a string of its own, so that a sanitizer sees who reads beyond it; it ends at the
 * first NUL. The caller frees it. */
char *fuzz_text(const void *data, size_t size);

/* Bytes that are taken from the front. What is missing at the end is zero, or empty. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};
uint8_t fuzz_byte(struct fuzz_input *input);
/* Eight bytes, the lowest first. */
int64_t fuzz_integer(struct fuzz_input *input);
/* Up to the separator, which is taken as well. The part is borrowed from the input. */
struct fuzz_input fuzz_part(struct fuzz_input *input, uint8_t separator);
/* The same as a string that the caller frees. */
char *fuzz_text_part(struct fuzz_input *input, uint8_t separator);

/* Stands for the API key: it is in no log, reply or page. libFuzzer learns it from what is
 * compared, so that targets leave inputs alone that have it already. */
#define FUZZ_SECRET "tok_fuzz_5ec2e7"
bool fuzz_knows_secret(const void *data, size_t size);

/* Whether a text has control characters: C0, DEL, and C1 as UTF-8. */
bool fuzz_has_controls(const char *text);

/* A private directory that is made when it is first needed and removed at the end, in memory where
 * that is possible. */
const char *fuzz_directory(void);
/* Makes a file in it hold these bytes, and returns its path, which the caller frees. */
char *fuzz_file(const char *name, const void *data, size_t size);
