/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Whether bytes are one JSON text by RFC 8259. json-c, even when told to be strict, takes NaN,
 * single quotes, surrogates without a partner and a NUL in the middle, and makes large integers
 * smaller without a word; so the text is looked at here first, and json-c builds the tree.
 */

#include <stdbool.h>
#include <stddef.h>

struct json_extent {
    size_t members; /* of all its objects, each occurrence counted: a tree with fewer of them has
                       lost a duplicate */
    unsigned depth; /* how deep its objects and arrays are nested */
};

/* True when the text is one JSON value with white space around it at most, nested no deeper than
 * `depth`. */
bool json_scan(const char *text, size_t size, unsigned depth, struct json_extent *ret);

/* True when the bytes are UTF-8 by RFC 3629: nothing overlong, no surrogates. */
bool json_scan_is_utf8(const char *text, size_t size);

/* Every byte that is no part of a character becomes a question mark. */
void json_scan_make_utf8(char *text, size_t size);
