/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What went wrong, and what to do about it. People are told at once, with --quiet too; programs
 * that asked for JSON are told once more at the end, in one document.
 */

#include "cli/verb.h"
#include "lib/base/memory.h"

/* What is wrong: a sentence on stderr, which is given its full stop where it has no end. */
void complain(const char *format, ...) _printf_(1, 2);

/* The same of an error of the daemon's, with what programs can go by, and its request ID. */
void complain_of(const struct airstore_oauthd_error *error, const char *format, ...) _printf_(2, 3);

/* What to do next: a sentence on stderr that ends in a command, wherever there is one. */
void advise(const char *format, ...) _printf_(1, 2);

/* The document on stdout, when there was something to complain about. */
void problem_print_json(enum status status);
