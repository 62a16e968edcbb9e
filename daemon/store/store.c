/* SPDX-License-Identifier: MIT */
#include "daemon/store/store.h"

#include "daemon/log.h"
#include "daemon/store/database.h"
#include "lib/base/json-scan.h"
#include "lib/base/timestamp.h"
#include "lib/base/url.h"

#include <errno.h>
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
    /* 2: NULL is the default profile; of a session from before, the server is not known */
    "ALTER TABLE sessions ADD COLUMN profile TEXT;"
    "ALTER TABLE sessions ADD COLUMN base_url TEXT;"
    "ALTER TABLE connections ADD COLUMN profile TEXT;",
};

enum statement {
    SAVE_SESSION,
    SAVE_CONNECTION,
    DELETE_CONNECTION,
    DELETE_WORKSPACE,
    DELETE_CONNECTIONS,
    FORGET_SESSIONS,
    N_STATEMENTS,
};

static const char *const statement_texts[N_STATEMENTS] = {
    [SAVE_SESSION] =
        "REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SAVE_CONNECTION] = "REPLACE INTO connections VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [DELETE_CONNECTION] = "DELETE FROM connections WHERE connection_id = ?",
    [DELETE_WORKSPACE] = "DELETE FROM connections WHERE profile IS ? AND workspace_id IS ?",
    [DELETE_CONNECTIONS] = "DELETE FROM connections",
    [FORGET_SESSIONS] = "DELETE FROM sessions WHERE ended_at < ?1 OR session_id IN "
                        "(SELECT session_id FROM sessions WHERE ended_at IS NOT NULL "
                        "ORDER BY ended_at DESC LIMIT -1 OFFSET ?2)",
};

struct store {
    char *path;
    sqlite3 *db; /* NULL while it cannot be opened */
    sqlite3_stmt *statements[N_STATEMENTS];
    const struct store_handlers *handlers;
    void *userdata;
    char *problem;   /* what is wrong just now */
    char *damage;    /* what was wrong when it was opened */
    bool renewed;    /* it took the place of a damaged one, and has nothing of what is known yet */
    bool saving_all; /* in one transaction, which is as good as: */
    int saving_all_result;
};

/* Opening and failing */

/* Says what is wrong, once. */
static void set_problem(struct store *store, const char *what, const char *why)
{
    char *problem;

    if (asprintf(&problem,
            "The database %s %s: %s. Connections are known until airstore-oauthd ends, and "
            "are written as soon as that is possible.",
            store->path, what, why) < 0)
        return;
    if (!store->problem || !streq(store->problem, problem))
        log_error("%s", problem);
    free(store->problem);
    store->problem = problem;
}

static void close_database(struct store *store)
{
    for (size_t i = 0; i < N_STATEMENTS; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
    sqlite3_close(store->db);
    store->db = NULL;
    store->renewed = false;
}

/* A damaged file is evidence, and may be all that somebody has: it is kept. */
static int begin_anew(struct store *store)
{
    _cleanup_free_ char *moved = NULL;

    int r = database_move_aside(store->path, &moved);
    if (r < 0)
        return r;
    log_error("The database %s is damaged. It was moved to %s, and a new one is begun.",
        store->path, moved);
    free(store->damage);
    if (asprintf(&store->damage,
            "The database was damaged and is now at %s. What Airstore knows is listed again by "
            "'airstore-oauth list --refresh'.",
            moved) < 0)
        store->damage = NULL;
    return database_open(store->path, migrations, ARRAY_SIZE(migrations), &store->db);
}

static int open_database(struct store *store)
{
    int r = database_open(store->path, migrations, ARRAY_SIZE(migrations), &store->db);

    if (r == -EUCLEAN)
        r = begin_anew(store);
    if (r < 0 && r != -EPROTONOSUPPORT) /* which was said */
        set_problem(store, "cannot be opened", strerror(-r));
    return r;
}

/*
 * The one place where something that failed is said. A damaged file is replaced on the spot; one
 * that was opened for reading only has to be opened again.
 */
static int failed(struct store *store, int code, const char *what)
{
    int r = database_errno(code);

    /* SQLite remembers the last error only, which may be none by now. */
    set_problem(store, what,
        sqlite3_extended_errcode(store->db) == code ? sqlite3_errmsg(store->db)
                                                    : sqlite3_errstr(code));
    if (r == -EUCLEAN || r == -EROFS)
        close_database(store);
    if (r == -EUCLEAN)
        store->renewed = begin_anew(store) >= 0;
    return r < 0 ? r : -EIO;
}

static int execute(struct store *store, const char *sql)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? 0 : failed(store, code, "cannot be written");
}

/* Readies a statement, which is compiled when it is first needed. NULL on failure. */
static sqlite3_stmt *prepare(struct store *store, enum statement which)
{
    sqlite3_stmt **statement = &store->statements[which];

    if (!*statement) {
        int code = sqlite3_prepare_v3(
            store->db, statement_texts[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (code != SQLITE_OK) {
            (void)failed(store, code, "cannot be used");
            return NULL;
        }
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

    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE ? 0 : failed(store, code, "cannot be written");
}

/* Ends a transaction, one way or the other. */
static int finish(struct store *store, int r)
{
    if (r >= 0)
        r = execute(store, "COMMIT");
    if (r < 0 && store->db && !sqlite3_get_autocommit(store->db))
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return r;
}

static int save_all(struct store *store)
{
    sqlite3_stmt *statement = prepare(store, DELETE_CONNECTIONS); /* some may be known as deleted */

    int r = statement ? run(store, statement) : -EIO;
    if (r < 0)
        return r;
    store->saving_all = true;
    store->saving_all_result = 0;
    store->handlers->save_all(store->userdata);
    store->saving_all = false;
    return store->saving_all_result;
}

static int write_all(struct store *store)
{
    int r = execute(store, "BEGIN IMMEDIATE");

    if (r >= 0)
        r = finish(store, save_all(store));
    if (r >= 0)
        store->renewed = false;
    return r;
}

/* Something is not in the file. One that is new gets what is known at once, but what was to be
 * written may not be known yet. */
static int fall_behind(struct store *store, int r)
{
    if (store->renewed)
        (void)store_catch_up(store);
    store->handlers->behind(store->userdata);
    return r;
}

/* A transaction, unless it is part of one in which everything is saved. */
static int begin(struct store *store)
{
    if (store->saving_all)
        return store->saving_all_result;
    /* That it could not be opened was said. */
    int r = store->db ? execute(store, "BEGIN IMMEDIATE") : -EIO;
    return r < 0 ? fall_behind(store, r) : r;
}

static int end(struct store *store, int r)
{
    if (store->saving_all)
        return store->saving_all_result = r;
    r = finish(store, r);
    return r < 0 ? fall_behind(store, r) : r;
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
    bind_text(statement, 17, s->profile);
    bind_text(statement, 18, s->base_url);
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
    bind_text(statement, 8, c->profile);
    return run(store, statement);
}

static int delete_connection(struct store *store, const char *connection_id)
{
    sqlite3_stmt *statement = prepare(store, DELETE_CONNECTION);

    if (!statement)
        return -EIO;
    bind_text(statement, 1, connection_id);
    return run(store, statement);
}

static int delete_workspace(struct store *store, const char *profile, const char *workspace_id)
{
    sqlite3_stmt *statement = prepare(store, DELETE_WORKSPACE);

    if (!statement)
        return -EIO;
    bind_text(statement, 1, profile);
    bind_text(statement, 2, workspace_id);
    return run(store, statement);
}

int store_save_session(struct store *store, const struct session *session)
{
    int r = begin(store);

    return r < 0 ? r : end(store, write_session(store, session));
}

int store_save_completion(
    struct store *store, const struct session *session, const struct api_connection *connection)
{
    int r = begin(store);

    if (r < 0)
        return r;
    r = write_session(store, session);
    if (r >= 0)
        r = write_connection(store, connection);
    return end(store, r);
}

int store_save_connection(struct store *store, const struct api_connection *connection)
{
    int r = begin(store);

    return r < 0 ? r : end(store, write_connection(store, connection));
}

int store_delete_connection(struct store *store, const char *connection_id)
{
    int r = begin(store);

    return r < 0 ? r : end(store, delete_connection(store, connection_id));
}

int store_replace_connections(struct store *store, const char *profile_or_null,
    const char *workspace_id, const struct api_connections *connections)
{
    int r = begin(store);
    if (r < 0)
        return r;
    r = delete_workspace(store, profile_or_null, workspace_id);
    for (size_t i = 0; r >= 0 && i < connections->n; i++)
        r = write_connection(store, &connections->items[i]);
    return end(store, r);
}

static int forget_sessions(struct store *store, int64_t ended_before, int64_t kept_max)
{
    sqlite3_stmt *statement = prepare(store, FORGET_SESSIONS);

    if (!statement)
        return -EIO;
    sqlite3_bind_int64(statement, 1, ended_before);
    sqlite3_bind_int64(statement, 2, kept_max);
    return run(store, statement);
}

int store_forget_sessions(struct store *store, int64_t ended_before, int64_t kept_max)
{
    int r = begin(store);

    return r < 0 ? r : end(store, forget_sessions(store, ended_before, kept_max));
}

int store_catch_up(struct store *store)
{
    int r = 0;

    if (!store->db) {
        r = open_database(store);
        if (r >= 0)
            r = store_load(store);
    }
    if (r >= 0)
        r = write_all(store);
    if (r < 0 && store->renewed) /* meanwhile */
        r = write_all(store);
    if (r < 0) {
        store->handlers->behind(store->userdata);
        return r;
    }
    if (store->problem)
        log_info("The database %s can be written again", store->path);
    free(store->problem);
    store->problem = NULL;
    return 0;
}

/* Reading */

/* A copy of a column, NULL for NULL. *ok turns false for what is no text that could be told, and
 * when memory runs out. */
static char *column_text(sqlite3_stmt *statement, int column, bool *ok)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    char *copy = text ? strdup(text) : NULL;

    if (text && (!copy || !json_scan_is_utf8(text, strlen(text))))
        *ok = false;
    return copy;
}

/* One of the values of an enum: 0 to `last`. */
static unsigned column_choice(sqlite3_stmt *statement, int column, unsigned last, bool *ok)
{
    int64_t value = sqlite3_column_int64(statement, column);

    if (value < 0 || value > last) {
        *ok = false;
        return 0;
    }
    return (unsigned)value;
}

static int64_t column_time(sqlite3_stmt *statement, int column)
{
    int64_t usec = sqlite3_column_int64(statement, column);

    return sqlite3_column_type(statement, column) == SQLITE_NULL || usec < 0 ? -1 : usec;
}

static bool is_id(const char *text)
{
    return text && *text;
}

/* The file may have been written by anybody: what a browser is sent to is looked at again. */
static bool session_makes_sense(const struct session *s)
{
    if (!is_id(s->session_id) || !is_id(s->integration_type) ||
        (s->return_to && url_problem_any_host(s->return_to)))
        return false;
    switch (s->state) {
    case SESSION_PENDING:
        return s->authorize_url && !url_problem(s->authorize_url) &&
               s->failure == SESSION_NOT_FAILED;
    case SESSION_COMPLETE:
        return is_id(s->connection_id) && s->failure == SESSION_NOT_FAILED;
    case SESSION_FAILED:
        return s->failure != SESSION_NOT_FAILED;
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
    s->state = state_of_status((const char *)sqlite3_column_text(row, 6));
    if (s->state == SESSION_PENDING) {
        s->callback = column_text(row, 4, &ok);
        s->authorize_url = column_text(row, 5, &ok);
    }
    s->connection_id = column_text(row, 7, &ok);
    s->renewed = column_choice(row, 8, SESSION_RENEWED_YES, &ok);
    s->failure = column_choice(row, 9, SESSION_UNAUTHORIZED, &ok);
    s->error = column_text(row, 10, &ok);
    s->created_at = sqlite3_column_int64(row, 11);
    s->expires_at = sqlite3_column_int64(row, 12);
    s->began_at = sqlite3_column_int64(row, 13);
    s->ended_at = column_time(row, 14);
    s->browser_opened = sqlite3_column_int(row, 15) != 0;
    s->profile = column_text(row, 16, &ok);
    s->base_url = column_text(row, 17, &ok);
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
    c->profile = column_text(row, 7, &ok);
    if (ok && is_id(c->connection_id) && is_id(c->integration_type))
        return c;
    api_connection_clear(c);
    free(c);
    return NULL;
}

static int load_table(
    struct store *store, const char *sql, void (*hand_out)(struct store *store, sqlite3_stmt *row))
{
    sqlite3_stmt *row;

    int code = sqlite3_prepare_v2(store->db, sql, -1, &row, NULL);
    if (code == SQLITE_OK) {
        while ((code = sqlite3_step(row)) == SQLITE_ROW)
            hand_out(store, row);
        sqlite3_finalize(row);
    }
    return code;
}

static void hand_out_session(struct store *store, sqlite3_stmt *row)
{
    struct session *session = read_session(row);

    if (session)
        store->handlers->session(session, store->userdata);
    else
        log_warning("The database holds a session that makes no sense; it is left out");
}

static void hand_out_connection(struct store *store, sqlite3_stmt *row)
{
    struct api_connection *connection = read_connection(row);

    if (connection)
        store->handlers->connection(connection, store->userdata);
    else
        log_warning("The database holds a connection that makes no sense; it is left out");
}

size_t store_count_connections(struct store *store)
{
    sqlite3_stmt *row;
    size_t n = 0;

    if (!store->db || sqlite3_prepare_v2(store->db, "SELECT count(*) FROM connections", -1, &row,
                          NULL) != SQLITE_OK)
        return 0;
    if (sqlite3_step(row) == SQLITE_ROW)
        n = (size_t)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return n;
}

int store_load(struct store *store)
{
    if (!store->db)
        return 0; /* said when it could not be opened */
    /* Of a damaged file, all that can be read. */
    int connections = load_table(store, "SELECT * FROM connections", hand_out_connection);
    int sessions =
        load_table(store, "SELECT * FROM sessions ORDER BY created_at", hand_out_session);

    if (connections == SQLITE_DONE && sessions == SQLITE_DONE)
        return 0;
    int r = failed(store, connections == SQLITE_DONE ? sessions : connections, "cannot be read");
    if (store->renewed)
        return store_catch_up(store);
    close_database(store); /* what was not read must not be written over: it is read again */
    store->handlers->behind(store->userdata);
    return r;
}

/* The store itself */

const char *store_problem(const struct store *store)
{
    return store->problem ? store->problem : store->damage;
}

bool store_was_damaged(const struct store *store)
{
    return store->damage;
}

int store_open(const char *directory, const struct store_handlers *handlers, void *userdata,
    struct store **ret)
{
    _cleanup_(store_freep) struct store *store = calloc(1, sizeof(*store));

    if (!store)
        return -ENOMEM;
    store->handlers = handlers;
    store->userdata = userdata;
    if (asprintf(&store->path, "%s/oauthd.db", directory) < 0) {
        store->path = NULL;
        return -ENOMEM;
    }
    int r = open_database(store);
    if (r == -EPROTONOSUPPORT)
        return r; /* but not for want of memory: a damaged file can ask for any amount of it */
    if (r < 0)
        handlers->behind(userdata);
    *ret = TAKE_PTR(store);
    return 0;
}

struct store *store_free(struct store *store)
{
    if (!store)
        return NULL;
    close_database(store);
    free(store->path);
    free(store->problem);
    free(store->damage);
    free(store);
    return NULL;
}
