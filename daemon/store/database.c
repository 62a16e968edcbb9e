/* SPDX-License-Identifier: MIT */
#include "daemon/store/database.h"

#include "daemon/log.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* The loop waits for as long when another program has the file locked. */
#define BUSY_MSEC 50

int database_errno(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return 0;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return -EACCES;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    default:
        return -EIO;
    }
}

static int execute(sqlite3 *db, const char *sql)
{
    return database_errno(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int database_read_integer(sqlite3 *db, const char *sql, int64_t *ret)
{
    sqlite3_stmt *statement;

    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return database_errno(code);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *ret = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return database_errno(code);
}

static int migrate_to(sqlite3 *db, int version, const char *sql)
{
    char set_version[64];

    snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", version);
    int r = execute(db, "BEGIN IMMEDIATE");
    if (r < 0)
        return r;
    r = execute(db, sql);
    if (r >= 0)
        r = execute(db, set_version);
    if (r >= 0)
        r = execute(db, "COMMIT");
    if (r < 0)
        (void)execute(db, "ROLLBACK");
    return r;
}

static int prepare(sqlite3 *db, const char *path, const char *const migrations[], int n_migrations)
{
    int64_t version = 0;

    sqlite3_busy_timeout(db, BUSY_MSEC);
    /* Nothing of ours has any: a view may never come to an end, and a trigger undo what we write.
     */
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    int r = database_read_integer(db, "PRAGMA user_version", &version);
    if (r < 0)
        return r;
    if (version < 0) /* nobody has ever written such a schema */
        return -EUCLEAN;
    if (version > n_migrations) {
        log_error("%s was written by a newer version of airstore-oauthd (schema %" PRId64
                  ", this one knows %d): "
                  "install that version again, or move the file away",
            path, version, n_migrations);
        return -EPROTONOSUPPORT;
    }
    r = execute(db,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
        "PRAGMA cache_size = -128; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;");
    for (; r >= 0 && version < n_migrations; version++)
        r = migrate_to(db, (int)version + 1, migrations[version]);
    return r;
}

int database_open(const char *path, const char *const migrations[], int n_migrations, sqlite3 **ret)
{
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
    sqlite3 *db = NULL;

    int r = database_errno(sqlite3_open_v2(path, &db, flags, NULL));
    if (r >= 0)
        r = prepare(db, path, migrations, n_migrations);
    if (r < 0) {
        if (r != -EPROTONOSUPPORT)
            log_debug(
                "Cannot use the database %s: %s", path, db ? sqlite3_errmsg(db) : strerror(-r));
        sqlite3_close(db);
        return r;
    }
    *ret = db;
    return 0;
}

int database_move_aside(const char *path, char **ret_path)
{
    static const char *const endings[] = {"-wal", "-shm", ""}; /* the file itself last */
    char time[TIMESTAMP_SIZE];
    _cleanup_free_ char *target = NULL;

    timestamp_format(timestamp_now(CLOCK_REALTIME), time);
    for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
        _cleanup_free_ char *from = NULL;
        free(target);
        target = NULL;
        if (asprintf(&from, "%s%s", path, endings[i]) < 0 ||
            asprintf(&target, "%s.damaged-%s%s", path, time, endings[i]) < 0)
            return -ENOMEM;
        if (rename(from, target) < 0 && (errno != ENOENT || i == ARRAY_SIZE(endings) - 1))
            return -errno;
    }
    *ret_path = TAKE_PTR(target);
    return 0;
}
