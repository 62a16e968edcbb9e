/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * JSON texts by RFC 8259. json-c, even when told to be strict, takes NaN, single quotes, surrogates
 * without a partner and a NUL in the middle, makes large integers smaller without a word, keeps a
 * copy of each string for a while, and cuts one short when memory runs out. So texts are read here,
 * and json-c has the tree that comes of it; it reads numbers with fractions only, once they are
 * known to be fine.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether the text is one JSON value with white space around it at most, nested no deeper than
 * `depth`. Members that occur twice are not looked for. */
bool json_scan(const char *text, size_t size, unsigned depth);

/* The same, and makes the value; none of its members may occur twice. Returns 0, -EBADMSG or
 * -ENOMEM. size: INT_MAX at most. */
int json_scan_value(const char *text, size_t size, unsigned depth, struct json_object **ret);

/* True when the bytes are UTF-8 by RFC 3629: nothing overlong, no surrogates. */
bool json_scan_is_utf8(const char *text, size_t size);

/* Every byte that is no part of a character becomes a question mark. */
void json_scan_make_utf8(char *text, size_t size);
