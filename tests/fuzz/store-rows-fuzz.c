/* SPDX-License-Identifier: MIT */

/*
 * Rows of the database that somebody else has written, into tables without any constraints. One row
 * a line: "s" for a session or "c" for a connection, then its columns, each behind a tab and
 * beginning with its type: i, r, t, b; or nothing for NULL. Whatever is handed out can be worked
 * with, is stored again and read again as the same.
 */

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rows.h"

#include "daemon/store/store.h"

#include <sqlite3.h>
#include <stdio.h>

#define ROWS_MAX 64

/* As the second version of the schema has them, but for the types and what must not be NULL. */
static const char tables[] =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
    "CREATE TABLE sessions (session_id, integration_type, workspace_id, return_to, callback,"
    " authorize_url, status, connection_id, renewed, failure, error, created_at, expires_at,"
    " began_at, ended_at, browser_opened, profile, base_url);"
    "CREATE TABLE connections (connection_id, integration_type, workspace_id, scope, expires_at,"
    " created_at, updated_at, profile);"
    "PRAGMA user_version = 2;";

static void bind(sqlite3_stmt *statement, int i, struct fuzz_input column)
{
    uint8_t type = fuzz_byte(&column);
    _cleanup_free_ char *text = fuzz_text(column.at, column.left);

    switch (type) {
    case 'i':
        sqlite3_bind_int64(statement, i, strtoll(text, NULL, 10));
        break;
    case 'r':
        sqlite3_bind_double(statement, i, strtod(text, NULL));
        break;
    case 't': /* as it is: no UTF-8 perhaps, and with a NUL inside */
        sqlite3_bind_text(
            statement, i, (const char *)column.at, (int)column.left, SQLITE_TRANSIENT);
        break;
    case 'b':
        sqlite3_bind_blob(statement, i, column.at, (int)column.left, SQLITE_TRANSIENT);
        break;
    default:
        break;
    }
}

static void insert(sqlite3 *db, struct fuzz_input row)
{
    bool session = fuzz_byte(&row) != 'c';
    sqlite3_stmt *statement;

    HOLDS(sqlite3_prepare_v2(db,
              session ? "INSERT INTO sessions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
                      : "INSERT INTO connections VALUES (?,?,?,?,?,?,?,?)",
              -1, &statement, NULL) == SQLITE_OK);
    (void)fuzz_part(&row, '\t');
    for (int i = 1; i <= (session ? 18 : 8); i++)
        bind(statement, i, fuzz_part(&row, '\t'));
    HOLDS(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_finalize(statement);
}

static void make_file(struct fuzz_input input)
{
    char *path = fuzz_file("oauthd.db", "", 0);
    sqlite3 *db;

    HOLDS(sqlite3_open(path, &db) == SQLITE_OK);
    HOLDS(sqlite3_exec(db, tables, NULL, NULL, NULL) == SQLITE_OK);
    for (int i = 0; i < ROWS_MAX && input.left > 0; i++)
        insert(db, fuzz_part(&input, '\n'));
    sqlite3_close(db);
    free(path);
}

/* What was handed out */

struct harvest {
    struct session *sessions[2 * ROWS_MAX];
    struct api_connection *connections[2 * ROWS_MAX];
    unsigned n_sessions, n_connections;
    bool behind;
};

static void on_session(struct session *session, void *userdata)
{
    struct harvest *harvest = userdata;

    stored_session_is_sound(session);
    HOLDS(harvest->n_sessions < ARRAY_SIZE(harvest->sessions));
    harvest->sessions[harvest->n_sessions++] = session;
}

static void on_connection(struct api_connection *connection, void *userdata)
{
    struct harvest *harvest = userdata;

    stored_connection_is_sound(connection);
    HOLDS(harvest->n_connections < ARRAY_SIZE(harvest->connections));
    harvest->connections[harvest->n_connections++] = connection;
}

static void on_save_all(void *userdata) {}

static void on_behind(void *userdata)
{
    struct harvest *harvest = userdata;

    harvest->behind = true;
}

static const struct store_handlers handlers = {
    .session = on_session,
    .connection = on_connection,
    .save_all = on_save_all,
    .behind = on_behind,
};

static void clear(struct harvest *harvest)
{
    for (unsigned i = 0; i < harvest->n_sessions; i++)
        session_free(harvest->sessions[i]);
    for (unsigned i = 0; i < harvest->n_connections; i++) {
        api_connection_clear(harvest->connections[i]);
        free(harvest->connections[i]);
    }
}

static void is_same_session(const struct session *a, const struct session *b)
{
    HOLDS(streq(a->session_id, b->session_id));
    HOLDS(streq(a->integration_type, b->integration_type));
    HOLDS(streq_or_null(a->workspace_id, b->workspace_id));
    HOLDS(streq_or_null(a->connection_id, b->connection_id));
    HOLDS(streq_or_null(a->authorize_url, b->authorize_url) || session_is_over(a));
    HOLDS(a->state == b->state && a->failure == b->failure && a->renewed == b->renewed);
    HOLDS(a->created_at == b->created_at && a->expires_at == b->expires_at &&
          a->began_at == b->began_at);
}

static void is_same_connection(const struct api_connection *a, const struct api_connection *b)
{
    HOLDS(streq(a->connection_id, b->connection_id));
    HOLDS(streq(a->integration_type, b->integration_type));
    HOLDS(streq_or_null(a->workspace_id, b->workspace_id));
    HOLDS(streq_or_null(a->profile, b->profile) && streq_or_null(a->scope, b->scope));
    HOLDS(a->expires_at_usec == b->expires_at_usec && a->created_at_usec == b->created_at_usec &&
          a->updated_at_usec == b->updated_at_usec);
}

static void remove_file(void)
{
    static const char *const names[] = {"oauthd.db", "oauthd.db-wal", "oauthd.db-shm"};
    char path[128];

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", fuzz_directory(), names[i]);
        (void)remove(path);
    }
}

/* The first of them, through a file of our own making. */
static void survives_writing(const struct harvest *harvest)
{
    _cleanup_(store_freep) struct store *store = NULL;
    struct harvest again = {0};

    remove_file();
    HOLDS(store_open(fuzz_directory(), &handlers, &again, &store) == 0);
    if (harvest->n_sessions > 0)
        HOLDS(store_save_session(store, harvest->sessions[0]) == 0);
    if (harvest->n_connections > 0)
        HOLDS(store_save_connection(store, harvest->connections[0]) == 0);
    HOLDS(store_load(store) == 0);
    HOLDS(again.n_sessions == (harvest->n_sessions > 0));
    HOLDS(again.n_connections == (harvest->n_connections > 0));
    if (again.n_sessions > 0)
        is_same_session(harvest->sessions[0], again.sessions[0]);
    if (again.n_connections > 0)
        is_same_connection(harvest->connections[0], again.connections[0]);
    clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct harvest harvest = {0};
    struct store *store;

    if (fuzz_knows_secret(data, size))
        return 0;
    remove_file();
    make_file((struct fuzz_input){data, size});
    HOLDS(store_open(fuzz_directory(), &handlers, &harvest, &store) == 0);
    HOLDS(store_load(store) == 0);
    HOLDS(!harvest.behind && !store_problem(store));
    store_free(store);
    survives_writing(&harvest);
    clear(&harvest);
    return 0;
}
