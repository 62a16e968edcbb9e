/* SPDX-License-Identifier: MIT */
#pragma once

/* Rows of text in aligned columns; where the terminal is too narrow for that, a line a cell. */

#include <stddef.h>

#define TABLE_COLUMNS_MAX 8

struct table {
    size_t columns, cells;
    size_t cut;  /* the column that may be cut */
    char **cell; /* row by row, the headings first */
    int failed;  /* -ENOMEM when a row could not be kept */
};

/* The headings: as many as there are columns, ended by NULL. One of them may be cut to fit; the
 * other columns hold what people copy. */
void table_init(struct table *table, const char *const *headings, const char *cut);
/* As many cells as there are columns; NULL is shown as a dash. The texts are copied. */
void table_add(struct table *table, const char *const *cells);
/* Prints to stdout. 0, or -ENOMEM. */
int table_print(const struct table *table);
void table_clear(struct table *table);
