/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Everything that is printed goes through here, a line at a time, so that no text of the daemon's
 * or of a server's can steer the terminal (see text_make_safe()). What went wrong is told through
 * problem.h, which says it here.
 */

#include "lib/base/json.h"
#include "lib/base/memory.h"

#include <stdbool.h>
#include <stdio.h>

/* Version of the documents that --json prints: airstore-oauth.schema.json has them. */
#define JSON_SCHEMA 1

/* For people, on stderr: what happens. On a terminal it is broken into lines at blanks. Nothing is
 * said any more after be_quiet(). */
void say(const char *format, ...) _printf_(1, 2);
void be_quiet(void);
bool is_quiet(void);

/* The same for what has to be known: it is said in any case. */
void say_always(const char *format, ...) _printf_(1, 2);

/* The same, behind what a list has at the left. What does not fit goes on below its beginning. */
void say_item(const char *left, const char *format, ...) _printf_(2, 3);

/* An address on a line of its own, in any case: to be copied, and a link on terminals that have
 * those. */
void say_link(const char *url);

/* The result: a line on stdout. */
void print_line(const char *format, ...) _printf_(1, 2);

/* The same, with its name before it, and from the column on. What does not fit goes on below its
 * beginning; what cannot be broken stands whole on a line of its own. */
void print_field(const char *name, size_t column, const char *format, ...) _printf_(3, 4);

/* An object, in one line on stdout, with the version of the schema as its first member. Returns 0,
 * or -ENOMEM for NULL. */
int print_json(const char *json_or_null);
int print_json_tree(struct json_object *object);

/* Text in lines of 80 characters, or as wide as a narrower window; line breaks in it are blanks. */
void print_paragraph(const char *text);

/* A line of help: what is explained, and from the column on the explanation, in such lines.
 * Where the window is too narrow for that column, it stands below. */
void print_wrapped(const char *left, int column, const char *text);

/*
 * A line on stderr that is written over and over, where stderr is a terminal; say() goes above it.
 * The brief text takes the place of one that does not fit. live_end() removes it.
 */
bool live_possible(void);
void live_show(const char *text, const char *brief);
void live_end(void);
