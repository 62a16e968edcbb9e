/* SPDX-License-Identifier: MIT */
#include "cli/table.h"

#include "cli/term.h"
#include "lib/base/buffer.h"

#include <errno.h>

#define GAP 2
#define WIDTH_MIN 8 /* no column is made narrower */

void table_init(struct table *table, const char *const *headings)
{
    *table = (struct table){0};
    while (headings[table->columns])
        table->columns++;
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

/* Takes from the widest column until the table fits, or no column can give more. */
static void shrink(const struct table *table, size_t widths[TABLE_COLUMNS_MAX], size_t available)
{
    for (;;) {
        size_t total = GAP * (table->columns - 1), widest = 0;
        for (size_t i = 0; i < table->columns; i++) {
            total += widths[i];
            if (widths[i] >= widths[widest])
                widest = i;
        }
        if (total <= available || widths[widest] <= WIDTH_MIN)
            return;
        widths[widest]--;
    }
}

static int append_cell(struct buffer *line, const char *text, size_t width, bool last)
{
    size_t used = text_width(text);
    int r;

    if (used > width) {
        r = buffer_append(line, text, text_fitting(text, width - 1));
        if (r >= 0)
            r = buffer_append_string(line, "…");
        used = width;
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
        fputs(term_bold(stdout), stdout);
    print_line("%s", line.data);
    if (row == 0)
        fputs(term_plain(stdout), stdout);
    return 0;
}

int table_print(const struct table *table)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0}, available = term_width(stdout);

    if (table->failed < 0)
        return table->failed;
    measure(table, widths);
    if (available > 0)
        shrink(table, widths, available);
    for (size_t row = 0; row < table->cells / table->columns; row++) {
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
