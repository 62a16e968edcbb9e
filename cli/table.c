/* SPDX-License-Identifier: MIT */
#include "cli/table.h"

#include "cli/screen.h"
#include "cli/shape.h"
#include "cli/term.h"
#include "lib/base/buffer.h"

#include <errno.h>
#include <stdbool.h>

#define GAP 2
#define CUT_MIN 20 /* the column that may be cut is not made narrower */

void table_init(struct table *table, const char *const *headings, const char *cut)
{
    *table = (struct table){0};
    while (headings[table->columns]) {
        if (streq(headings[table->columns], cut))
            table->cut = table->columns;
        table->columns++;
    }
    table_add(table, headings);
}

void table_add(struct table *table, const char *const *cells)
{
    size_t n = table->cells + table->columns;
    char **cell = reallocarray(table->cell, n, sizeof(*cell));

    if (!cell) {
        table->failed = -ENOMEM;
        return;
    }
    table->cell = cell;
    for (size_t i = 0; i < table->columns; i++) {
        char *copy = strdup(cells[i] && cells[i][0] ? cells[i] : "-");
        if (!copy)
            table->failed = -ENOMEM;
        cell[table->cells++] = copy;
    }
}

static void measure(const struct table *table, size_t widths[TABLE_COLUMNS_MAX])
{
    for (size_t i = 0; i < table->cells; i++) {
        size_t width = text_width(table->cell[i]), *column = &widths[i % table->columns];
        if (*column < width)
            *column = width;
    }
}

/* Whether the table fits, if need be with its one column cut. */
static bool fit(const struct table *table, size_t widths[TABLE_COLUMNS_MAX], size_t available)
{
    size_t others = GAP * (table->columns - 1), *cut = &widths[table->cut];

    for (size_t i = 0; i < table->columns; i++)
        others += i == table->cut ? 0 : widths[i];
    if (others + *cut <= available)
        return true;
    if (others + CUT_MIN > available)
        return false;
    *cut = available - others;
    return true;
}

static int append_cell(struct buffer *line, const char *text, size_t width, bool last)
{
    size_t used = text_width(text);
    int r;

    if (used > width) {
        size_t fitting = text_fitting(text, width - 1), before = line->size;
        r = buffer_append(line, text, fitting);
        if (r >= 0)
            r = buffer_append_string(line, "…");
        /* A wide character that does not fit leaves a column free. */
        used = r < 0 ? width : text_width(line->data + before);
    } else {
        r = buffer_append_string(line, text);
    }
    if (r < 0 || last)
        return r;
    return buffer_printf(line, "%*s", (int)(width - used + GAP), "");
}

static int print_row(const struct table *table, size_t row, const size_t widths[TABLE_COLUMNS_MAX])
{
    _cleanup_buffer_ struct buffer line = {0};

    for (size_t i = 0; i < table->columns; i++) {
        int r = append_cell(
            &line, table->cell[row * table->columns + i], widths[i], i + 1 == table->columns);
        if (r < 0)
            return r;
    }
    if (row == 0)
        fputs(screen_bold(stdout), stdout);
    print_line("%s", line.data);
    if (row == 0)
        fputs(screen_plain(stdout), stdout);
    return 0;
}

/* A row as lines of their own, each with its heading. */
static void print_record(const struct table *table, size_t row)
{
    char *const *cells = &table->cell[row * table->columns];
    size_t column = 0;

    for (size_t i = 0; i < table->columns; i++) {
        size_t width = text_width(table->cell[i]);
        column = column < width + GAP ? width + GAP : column;
    }
    for (size_t i = 0; i < table->columns; i++)
        print_field(table->cell[i], column, "%s", cells[i]);
}

int table_print(const struct table *table)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0}, available = screen_width(stdout);
    size_t rows = table->cells / table->columns;

    if (table->failed < 0)
        return table->failed;
    measure(table, widths);
    if (available > 0 && !fit(table, widths, available)) {
        for (size_t row = 1; row < rows; row++) {
            if (row > 1)
                print_line("%s", "");
            print_record(table, row);
        }
        return 0;
    }
    for (size_t row = 0; row < rows; row++) {
        int r = print_row(table, row, widths);
        if (r < 0)
            return r;
    }
    return 0;
}

void table_clear(struct table *table)
{
    for (size_t i = 0; i < table->cells; i++)
        free(table->cell[i]);
    free(table->cell);
    *table = (struct table){0};
}
