/* SPDX-License-Identifier: MIT */
#include "daemon/store/store.h"

#include "daemon/log.h"
#include "daemon/store/database.h"
#include "daemon/store/row.h"

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

static int write_session(struct store *store, const struct session *session)
{
    sqlite3_stmt *statement = prepare(store, SAVE_SESSION);

    if (!statement)
        return -EIO;
    row_bind_session(statement, session);
    return run(store, statement);
}

static int write_connection(struct store *store, const struct api_connection *connection)
{
    sqlite3_stmt *statement = prepare(store, SAVE_CONNECTION);

    if (!statement)
        return -EIO;
    row_bind_connection(statement, connection);
    return run(store, statement);
}

static int delete_connection(struct store *store, const char *connection_id)
{
    sqlite3_stmt *statement = prepare(store, DELETE_CONNECTION);

    if (!statement)
        return -EIO;
    row_bind_text(statement, 1, connection_id);
    return run(store, statement);
}

static int delete_workspace(struct store *store, const char *profile, const char *workspace_id)
{
    sqlite3_stmt *statement = prepare(store, DELETE_WORKSPACE);

    if (!statement)
        return -EIO;
    row_bind_text(statement, 1, profile);
    row_bind_text(statement, 2, workspace_id);
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

void store_miss(struct store *store)
{
    store->handlers->behind(store->userdata);
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
    struct session *session = row_read_session(row);

    if (session)
        store->handlers->session(session, store->userdata);
    else
        log_warning("The database holds a session that makes no sense; it is left out");
}

static void hand_out_connection(struct store *store, sqlite3_stmt *row)
{
    struct api_connection *connection = row_read_connection(row);

    if (connection)
        store->handlers->connection(connection, store->userdata);
    else
        log_warning("The database holds a connection that makes no sense; it is left out");
}

size_t store_count_connections(struct store *store)
{
    int64_t n = 0;

    if (store->db)
        (void)database_read_integer(store->db, "SELECT count(*) FROM connections", &n);
    return (size_t)n;
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
