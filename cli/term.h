/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Everything that is printed goes through here, a line at a time, so that no text of the daemon's
 * or of a server's can steer the terminal: control characters in it become question marks.
 */

#include "lib/base/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* For people: a line on stderr. */
void say(const char *format, ...) _printf_(1, 2);

/* The result: a line on stdout. */
void print_line(const char *format, ...) _printf_(1, 2);

/* A reply of the daemon on stdout, in one line; nothing but NULL fails. Returns 0 or -ENOMEM. */
int print_json(const char *json_or_null);

/* A line of help: what is explained, and from the column on the explanation, in lines of 80
 * characters. */
void print_wrapped(const char *left, int column, const char *text);

/* How many columns the terminal has; 0 when the stream is none. */
size_t term_width(FILE *stream);

/* What switches bold on and off: empty where colours are not wanted (NO_COLOR, TERM=dumb, no
 * terminal). */
const char *term_bold(FILE *stream);
const char *term_plain(FILE *stream);

/* How many columns a text takes, and how many of its bytes fit into that many columns. */
size_t text_width(const char *text);
size_t text_fitting(const char *text, size_t width);

/*
 * A line on stderr that is written over and over, where stderr is a terminal; say() goes above it.
 * live_end() removes it.
 */
bool live_possible(void);
void live_show(const char *format, ...) _printf_(1, 2);
void live_end(void);
