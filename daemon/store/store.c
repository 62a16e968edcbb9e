/* SPDX-License-Identifier: MIT */
#include "daemon/store/store.h"

#include "daemon/log.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

/* Times are microseconds since 1970; an unknown one is NULL. */
static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE sessions ("
    "  session_id TEXT PRIMARY KEY NOT NULL,"
    "  integration_type TEXT NOT NULL,"
    "  workspace_id TEXT,"
    "  return_to TEXT,"
    "  callback TEXT,"      /* while pending */
    "  authorize_url TEXT," /* while pending */
    "  status TEXT NOT NULL,"
    "  connection_id TEXT,"
    "  renewed INTEGER NOT NULL,"
    "  failure INTEGER NOT NULL,"
    "  error TEXT,"
    "  created_at INTEGER NOT NULL,"
    "  expires_at INTEGER NOT NULL,"
    "  began_at INTEGER NOT NULL,"
    "  ended_at INTEGER,"
    "  browser_opened INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE connections ("
    "  connection_id TEXT PRIMARY KEY NOT NULL,"
    "  integration_type TEXT NOT NULL,"
    "  workspace_id TEXT,"
    "  scope TEXT,"
    "  expires_at INTEGER,"
    "  created_at INTEGER,"
    "  updated_at INTEGER"
    ") STRICT, WITHOUT ROWID;",
};

enum statement {
    SAVE_SESSION,
    SAVE_CONNECTION,
    DELETE_CONNECTION,
    DELETE_WORKSPACE,
    FORGET_SESSIONS,
    N_STATEMENTS,
};

static const char *const statement_texts[N_STATEMENTS] = {
    [SAVE_SESSION] =
        "REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SAVE_CONNECTION] = "REPLACE INTO connections VALUES (?, ?, ?, ?, ?, ?, ?)",
    [DELETE_CONNECTION] = "DELETE FROM connections WHERE connection_id = ?",
    [DELETE_WORKSPACE] = "DELETE FROM connections WHERE workspace_id IS ?",
    [FORGET_SESSIONS] = "DELETE FROM sessions WHERE ended_at < ?",
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[N_STATEMENTS];
};

/* SQLite */

static int to_errno(int code)
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

static int failed(struct store *store, const char *what)
{
    int r = to_errno(sqlite3_extended_errcode(store->db));

    log_error("The database of sessions and connections: %s: %s", what, sqlite3_errmsg(store->db));
    return r < 0 ? r : -EIO;
}

static int execute(struct store *store, const char *sql)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : failed(store, "cannot be used");
}

/* Readies a statement, which is compiled when it is first needed. NULL on failure. */
static sqlite3_stmt *prepare(struct store *store, enum statement which)
{
    sqlite3_stmt **statement = &store->statements[which];

    if (!*statement && sqlite3_prepare_v3(store->db, statement_texts[which], -1,
                           SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK) {
        (void)failed(store, "cannot be used");
        return NULL;
    }
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    return *statement;
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC); /* NULL stays NULL */
}

static void bind_time(sqlite3_stmt *statement, int column, int64_t usec)
{
    if (usec >= 0)
        sqlite3_bind_int64(statement, column, usec);
}

static int run(struct store *store, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);

    int r = code == SQLITE_DONE ? 0 : failed(store, "cannot be written");
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return r;
}

static int commit(struct store *store, int r)
{
    if (r >= 0)
        r = execute(store, "COMMIT");
    if (r < 0)
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return r;
}

/* Writing */

static int write_session(struct store *store, const struct session *s)
{
    sqlite3_stmt *statement = prepare(store, SAVE_SESSION);
    bool over = session_is_over(s);

    if (!statement)
        return -EIO;
    bind_text(statement, 1, s->session_id);
    bind_text(statement, 2, s->integration_type);
    bind_text(statement, 3, s->workspace_id);
    bind_text(statement, 4, s->return_to);
    bind_text(statement, 5, over ? NULL : s->callback);
    bind_text(statement, 6, over ? NULL : s->authorize_url);
    bind_text(statement, 7, session_status_name(s));
    bind_text(statement, 8, s->connection_id);
    sqlite3_bind_int(statement, 9, (int)s->renewed);
    sqlite3_bind_int(statement, 10, (int)s->failure);
    bind_text(statement, 11, s->error);
    sqlite3_bind_int64(statement, 12, s->created_at);
    sqlite3_bind_int64(statement, 13, s->expires_at);
    sqlite3_bind_int64(statement, 14, s->began_at);
    if (over)
        sqlite3_bind_int64(statement, 15, s->ended_at);
    sqlite3_bind_int(statement, 16, s->browser_opened);
    return run(store, statement);
}

static int write_connection(struct store *store, const struct api_connection *c)
{
    sqlite3_stmt *statement = prepare(store, SAVE_CONNECTION);

    if (!statement)
        return -EIO;
    bind_text(statement, 1, c->connection_id);
    bind_text(statement, 2, c->integration_type);
    bind_text(statement, 3, c->workspace_id);
    bind_text(statement, 4, c->scope);
    bind_time(statement, 5, c->expires_at_usec);
    bind_time(statement, 6, c->created_at_usec);
    bind_time(statement, 7, c->updated_at_usec);
    return run(store, statement);
}

static int write_with_text(struct store *store, enum statement which, const char *text)
{
    sqlite3_stmt *statement = prepare(store, which);

    if (!statement)
        return -EIO;
    bind_text(statement, 1, text);
    return run(store, statement);
}

int store_save_session(struct store *store, const struct session *session)
{
    return write_session(store, session);
}

int store_save_completion(
    struct store *store, const struct session *session, const struct api_connection *connection)
{
    int r = execute(store, "BEGIN IMMEDIATE");
    if (r < 0)
        return r;
    r = write_session(store, session);
    if (r >= 0)
        r = write_connection(store, connection);
    return commit(store, r);
}

int store_save_connection(struct store *store, const struct api_connection *connection)
{
    return write_connection(store, connection);
}

int store_delete_connection(struct store *store, const char *connection_id)
{
    return write_with_text(store, DELETE_CONNECTION, connection_id);
}

int store_replace_connections(
    struct store *store, const char *workspace_id, const struct api_connections *connections)
{
    int r = execute(store, "BEGIN IMMEDIATE");
    if (r < 0)
        return r;
    r = write_with_text(store, DELETE_WORKSPACE, workspace_id);
    for (size_t i = 0; r >= 0 && i < connections->n; i++)
        r = write_connection(store, &connections->items[i]);
    return commit(store, r);
}

int store_forget_sessions(struct store *store, int64_t ended_before)
{
    sqlite3_stmt *statement = prepare(store, FORGET_SESSIONS);

    if (!statement)
        return -EIO;
    sqlite3_bind_int64(statement, 1, ended_before);
    return run(store, statement);
}

/* Reading */

/* A copy of a column, NULL for NULL. *ok turns false when memory runs out. */
static char *column_text(sqlite3_stmt *statement, int column, bool *ok)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    char *copy = text ? strdup(text) : NULL;

    if (text && !copy)
        *ok = false;
    return copy;
}

static int64_t column_time(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? -1
               : sqlite3_column_int64(statement, column);
}

static bool session_makes_sense(const struct session *s)
{
    switch (s->state) {
    case SESSION_PENDING:
        return s->authorize_url && s->failure == SESSION_NOT_FAILED;
    case SESSION_COMPLETE:
        return s->connection_id && s->failure == SESSION_NOT_FAILED;
    case SESSION_FAILED:
        return s->failure > SESSION_NOT_FAILED && s->failure <= SESSION_UNKNOWN;
    case SESSION_LOOKING:
        break;
    }
    return false;
}

static enum session_state state_of_status(const char *status)
{
    if (status && streq(status, "pending"))
        return SESSION_PENDING;
    if (status && streq(status, "complete"))
        return SESSION_COMPLETE;
    return SESSION_FAILED;
}

static struct session *read_session(sqlite3_stmt *row)
{
    _cleanup_(session_freep) struct session *s = calloc(1, sizeof(*s));
    bool ok = true;

    if (!s)
        return NULL;
    s->session_id = column_text(row, 0, &ok);
    s->integration_type = column_text(row, 1, &ok);
    s->workspace_id = column_text(row, 2, &ok);
    s->return_to = column_text(row, 3, &ok);
    s->callback = column_text(row, 4, &ok);
    s->authorize_url = column_text(row, 5, &ok);
    s->state = state_of_status((const char *)sqlite3_column_text(row, 6));
    s->connection_id = column_text(row, 7, &ok);
    s->renewed = (enum session_renewed)sqlite3_column_int(row, 8);
    s->failure = (enum session_failure)sqlite3_column_int(row, 9);
    s->error = column_text(row, 10, &ok);
    s->created_at = sqlite3_column_int64(row, 11);
    s->expires_at = sqlite3_column_int64(row, 12);
    s->began_at = sqlite3_column_int64(row, 13);
    s->ended_at = column_time(row, 14);
    s->browser_opened = sqlite3_column_int(row, 15) != 0;
    s->wake_at = INT64_MAX;
    return ok && session_makes_sense(s) ? TAKE_PTR(s) : NULL;
}

static struct api_connection *read_connection(sqlite3_stmt *row)
{
    struct api_connection *c = calloc(1, sizeof(*c));
    bool ok = true;

    if (!c)
        return NULL;
    c->connection_id = column_text(row, 0, &ok);
    c->integration_type = column_text(row, 1, &ok);
    c->workspace_id = column_text(row, 2, &ok);
    c->scope = column_text(row, 3, &ok);
    c->expires_at_usec = column_time(row, 4);
    c->created_at_usec = column_time(row, 5);
    c->updated_at_usec = column_time(row, 6);
    if (ok)
        return c;
    api_connection_clear(c);
    free(c);
    return NULL;
}

static int load_table(struct store *store, const char *sql, const struct store_handlers *handlers,
    bool sessions, void *userdata)
{
    sqlite3_stmt *row;
    int code;

    if (sqlite3_prepare_v2(store->db, sql, -1, &row, NULL) != SQLITE_OK)
        return failed(store, "cannot be read");
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct session *session = sessions ? read_session(row) : NULL;
        struct api_connection *connection = sessions ? NULL : read_connection(row);

        if (session)
            handlers->session(session, userdata);
        else if (connection)
            handlers->connection(connection, userdata);
        else
            log_warning("The database has a row that makes no sense; it is left out");
    }
    int r = code == SQLITE_DONE ? 0 : failed(store, "cannot be read");
    sqlite3_finalize(row);
    return r;
}

int store_load(struct store *store, const struct store_handlers *handlers, void *userdata)
{
    int r = load_table(store, "SELECT * FROM connections", handlers, false, userdata);

    if (r >= 0)
        r = load_table(
            store, "SELECT * FROM sessions ORDER BY created_at", handlers, true, userdata);
    return r;
}

/* Opening */

static int read_version(struct store *store, int *ret)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK)
        return failed(store, "cannot be read");
    int code = sqlite3_step(statement);
    *ret = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? 0 : failed(store, "cannot be read");
}

static int migrate(struct store *store)
{
    char set_version[64];
    int version;

    int r = read_version(store, &version);
    if (r < 0)
        return r;
    if (version > (int)ARRAY_SIZE(migrations)) {
        log_error("The database was written by a newer version of airstore-oauthd (schema %d, this "
                  "one knows %zu): "
                  "install that version again, or move the file away",
            version, ARRAY_SIZE(migrations));
        return -EPROTONOSUPPORT;
    }
    for (; version < (int)ARRAY_SIZE(migrations); version++) {
        r = execute(store, "BEGIN IMMEDIATE");
        if (r < 0)
            return r;
        r = execute(store, migrations[version]);
        snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", version + 1);
        if (r >= 0)
            r = execute(store, set_version);
        r = commit(store, r);
        if (r < 0)
            return r;
    }
    return 0;
}

int store_open(const char *directory, struct store **ret)
{
    _cleanup_(store_freep) struct store *store = calloc(1, sizeof(*store));
    _cleanup_free_ char *path = NULL;

    if (!store || asprintf(&path, "%s/oauthd.db", directory) < 0)
        return -ENOMEM;
    int code = sqlite3_open_v2(path, &store->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
        NULL);
    if (code != SQLITE_OK) {
        log_error("Cannot open %s: %s", path, sqlite3_errstr(code));
        return to_errno(code);
    }
    sqlite3_busy_timeout(store->db, 2000);
    int r = execute(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                           "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;");
    if (r >= 0)
        r = migrate(store);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(store);
    return 0;
}

struct store *store_free(struct store *store)
{
    if (!store)
        return NULL;
    for (size_t i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->db);
    free(store);
    return NULL;
}
