/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The SQLite file under the store: opened, brought to the present schema, and moved aside when it
 * is damaged. Knows nothing of what the tables hold.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* SQLite's verdict as a negative errno, 0 for success: -EUCLEAN is a damaged file. */
int database_errno(int code);

/*
 * Opens or creates the file and runs the migrations it lacks: SQL texts, the n-th of which makes
 * schema version n. 0; -EPROTONOSUPPORT when the file has a newer schema, which is said in the
 * log, and nothing was touched; -EUCLEAN when it is damaged; or another negative errno.
 */
int database_open(
    const char *path, const char *const migrations[], int n_migrations, sqlite3 **ret);

/* The number that a query answers with in its first row. Returns 0 or negative errno; *ret stays as
 * it was without a row. */
int database_read_integer(sqlite3 *db, const char *sql, int64_t *ret);

/*
 * Renames a damaged file, which nobody has open, together with its journals. Nothing is ever
 * deleted. 0 and the new path of the file, which the caller frees; or negative errno.
 */
int database_move_aside(const char *path, char **ret_path);
