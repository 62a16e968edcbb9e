/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Text as a terminal shows it: made safe, measured in columns, and broken into lines. Pure, but for
 * LC_CTYPE, which has to be one of UTF-8 (see screen_init()): wide characters take two columns,
 * combining ones none.
 */

#include <stddef.h>

/* Puts a question mark in the place of whatever would steer the terminal: control characters, also
 * those beyond ASCII, and the marks that make text run backwards. */
void text_make_safe(char *text);

/* How many columns a text takes, and how many of its bytes fit into that many columns. */
size_t text_width(const char *text);
size_t text_fitting(const char *text, size_t width);

/*
 * How many bytes of the text make a line of that many columns, broken at a blank, which begins the
 * rest. What is longer than a line by itself stays whole, and so does a command that is named
 * behind a colon: people want to copy it.
 */
size_t text_line(const char *text, size_t width);
