/* SPDX-License-Identifier: MIT */

/*
 * What a start with many connections cannot be below: reads all of them from a database of
 * airstore-oauthd's, copies what is text, and ends.
 *
 *     read-rows DATABASE
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 8

/* As the daemon keeps it. False without memory. */
static bool keep(const char *text)
{
    static char **kept;
    static size_t n, room;

    if (n == room) {
        char **more = realloc(kept, (room + 1) * 2 * sizeof(*kept));
        if (!more)
            return false;
        kept = more;
        room = (room + 1) * 2;
    }
    kept[n] = strdup(text);
    return kept[n++];
}

/* Returns what SQLite says in the end, SQLITE_DONE when all is well. */
static int read_rows(sqlite3_stmt *rows)
{
    int code;

    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int column = 0; column < COLUMNS; column++) {
            const char *text = NULL;
            if (sqlite3_column_type(rows, column) == SQLITE_TEXT)
                text = (const char *)sqlite3_column_text(rows, column);
            else
                (void)sqlite3_column_int64(rows, column);
            if (text && !keep(text))
                return SQLITE_NOMEM;
        }
    }
    return code;
}

int main(int argc, char *argv[])
{
    sqlite3_stmt *rows = NULL;
    sqlite3 *db = NULL;

    if (argc != 2) {
        fputs("Usage: read-rows DATABASE\n", stderr);
        return 2;
    }
    int code = sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db, "SELECT * FROM connections", -1, &rows, NULL);
    if (code == SQLITE_OK)
        code = read_rows(rows);
    if (code != SQLITE_DONE)
        fprintf(stderr, "read-rows: %s: %s\n", argv[1], sqlite3_errstr(code));
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return code != SQLITE_DONE;
}
