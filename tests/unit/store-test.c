/* SPDX-License-Identifier: MIT */

/* The store: what comes out is what went in, whatever happens to the file meanwhile. */

#include "tests/unit/unit.h"

#include "daemon/store/store.h"

#include <ftw.h>
#include <glob.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEGAN ((int64_t)1800000000 * 1000000)
#define KEPT_MAX 16

struct fixture {
    char directory[64], path[96];
    struct store *store;
    /* What store_load() has handed out, and what save_all() saves. */
    struct session *sessions[KEPT_MAX];
    struct api_connection *connections[KEPT_MAX];
    size_t n_sessions, n_connections;
    unsigned behind;
    bool saves_all;
};

static struct session *make_session(const char *session_id)
{
    struct session *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    s->session_id = strdup(session_id);
    s->integration_type = strdup("gmail");
    s->authorize_url = strdup("https://example.org/authorize");
    s->created_at = s->began_at = BEGAN;
    s->expires_at = BEGAN + SESSION_LIFETIME_USEC;
    s->wake_at = INT64_MAX;
    return s;
}

static struct api_connection connection_of(const char *connection_id, const char *workspace_id)
{
    return (struct api_connection){
        .connection_id = (char *)connection_id,
        .integration_type = (char *)"gmail",
        .workspace_id = (char *)workspace_id,
        .expires_at_usec = -1,
        .created_at_usec = BEGAN,
        .updated_at_usec = BEGAN + 1,
    };
}

static void on_session(struct session *session, void *userdata)
{
    struct fixture *f = userdata;

    assert_true(f->n_sessions < KEPT_MAX);
    f->sessions[f->n_sessions++] = session;
}

static void on_connection(struct api_connection *connection, void *userdata)
{
    struct fixture *f = userdata;

    assert_true(f->n_connections < KEPT_MAX);
    f->connections[f->n_connections++] = connection;
}

static void on_save_all(void *userdata)
{
    struct fixture *f = userdata;

    for (size_t i = 0; f->saves_all && i < f->n_sessions; i++)
        (void)store_save_session(f->store, f->sessions[i]);
    for (size_t i = 0; f->saves_all && i < f->n_connections; i++)
        (void)store_save_connection(f->store, f->connections[i]);
}

static void on_behind(void *userdata)
{
    struct fixture *f = userdata;

    f->behind++;
}

static const struct store_handlers handlers = {
    .session = on_session,
    .connection = on_connection,
    .save_all = on_save_all,
    .behind = on_behind,
};

static void forget(struct fixture *f)
{
    while (f->n_sessions > 0)
        session_free(f->sessions[--f->n_sessions]);
    while (f->n_connections > 0) {
        api_connection_clear(f->connections[--f->n_connections]);
        free(f->connections[f->n_connections]);
    }
}

/* As after a restart: everything that is known comes from the file. */
static void reopen(struct fixture *f)
{
    f->store = store_free(f->store);
    forget(f);
    assert_int_equal(store_open(f->directory, &handlers, f, &f->store), 0);
    (void)store_load(f->store);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    strcpy(f->directory, "/tmp/store-test-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    snprintf(f->path, sizeof(f->path), "%s/oauthd.db", f->directory);
    assert_int_equal(store_open(f->directory, &handlers, f, &f->store), 0);
    *state = f;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    return remove(path);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_free(f->store);
    forget(f);
    (void)nftw(f->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

/* Another program that uses the file. */
static sqlite3 *other(struct fixture *f, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void test_empty(void **state)
{
    struct fixture *f = *state;

    reopen(f);
    assert_int_equal(f->n_sessions + f->n_connections, 0);
    assert_null(store_problem(f->store));
    assert_false(store_was_damaged(f->store));
}

static void test_session(void **state)
{
    struct fixture *f = *state;
    struct session *s = make_session("s1");

    s->profile = strdup("work");
    s->workspace_id = strdup("ws_1");
    s->return_to = strdup("http://example.org/done");
    s->callback = strdup("http://127.0.0.1:4711/callback/0123");
    s->browser_opened = true;
    assert_int_equal(store_save_session(f->store, s), 0);
    assert_int_equal(store_save_session(f->store, s), 0); /* replaces it */
    session_free(s);

    reopen(f);
    assert_int_equal(f->n_sessions, 1);
    s = f->sessions[0];
    assert_string_equal(s->session_id, "s1");
    assert_string_equal(s->integration_type, "gmail");
    assert_string_equal(s->profile, "work");
    assert_string_equal(s->workspace_id, "ws_1");
    assert_string_equal(s->return_to, "http://example.org/done");
    assert_string_equal(s->callback, "http://127.0.0.1:4711/callback/0123");
    assert_string_equal(s->authorize_url, "https://example.org/authorize");
    assert_int_equal(s->state, SESSION_PENDING);
    assert_true(s->browser_opened);
    assert_int_equal(s->created_at, BEGAN);
    assert_int_equal(s->began_at, BEGAN);
    assert_int_equal(s->expires_at, BEGAN + SESSION_LIFETIME_USEC);
    assert_int_equal(s->wake_at, INT64_MAX);
    assert_null(s->connection_id);
    assert_null(s->error);
}

/* While the connection is looked for, it is pending for everybody else. */
static void test_looking(void **state)
{
    struct fixture *f = *state;
    struct session *s = make_session("s1");

    s->state = SESSION_LOOKING;
    assert_int_equal(store_save_session(f->store, s), 0);
    session_free(s);
    reopen(f);
    assert_int_equal(f->n_sessions, 1);
    assert_int_equal(f->sessions[0]->state, SESSION_PENDING);
}

static void test_completion(void **state)
{
    struct fixture *f = *state;
    struct session *s = make_session("s1");
    struct api_connection connection = connection_of("c1", "ws_1");

    connection.scope = (char *)"read";
    s->state = SESSION_COMPLETE;
    s->connection_id = strdup("c1");
    s->renewed = SESSION_RENEWED_YES;
    s->ended_at = BEGAN + 5;
    s->callback = strdup("http://127.0.0.1:4711/callback/0123");
    assert_int_equal(store_save_completion(f->store, s, &connection), 0);
    session_free(s);

    reopen(f);
    assert_int_equal(f->n_sessions, 1);
    assert_int_equal(f->n_connections, 1);
    s = f->sessions[0];
    assert_int_equal(s->state, SESSION_COMPLETE);
    assert_string_equal(s->connection_id, "c1");
    assert_int_equal(s->renewed, SESSION_RENEWED_YES);
    assert_int_equal(s->ended_at, BEGAN + 5);
    assert_null(s->authorize_url); /* of no use any more, and not to be known by anybody */
    assert_null(s->callback);
    assert_string_equal(f->connections[0]->connection_id, "c1");
    assert_string_equal(f->connections[0]->workspace_id, "ws_1");
    assert_string_equal(f->connections[0]->scope, "read");
    assert_int_equal(f->connections[0]->expires_at_usec, -1);
    assert_int_equal(f->connections[0]->updated_at_usec, BEGAN + 1);
}

static void test_failures(void **state)
{
    struct fixture *f = *state;

    for (int failure = SESSION_DENIED; failure <= SESSION_UNAUTHORIZED; failure++) {
        char id[8];
        snprintf(id, sizeof(id), "s%d", failure);
        struct session *s = make_session(id);
        s->state = SESSION_FAILED;
        s->failure = (enum session_failure)failure;
        s->error = strdup("why");
        s->created_at += failure;
        assert_int_equal(store_save_session(f->store, s), 0);
        session_free(s);
    }
    reopen(f);
    assert_int_equal(f->n_sessions, SESSION_UNAUTHORIZED);
    for (size_t i = 0; i < f->n_sessions; i++) { /* the oldest first */
        assert_int_equal(f->sessions[i]->state, SESSION_FAILED);
        assert_int_equal(f->sessions[i]->failure, SESSION_DENIED + (int)i);
        assert_string_equal(f->sessions[i]->error, "why");
    }
}

static void test_connections(void **state)
{
    struct fixture *f = *state;
    struct api_connection items[] = {connection_of("c3", "ws_1"), connection_of("c4", "ws_1")};
    const struct api_connections listed = {.items = items, .n = ARRAY_SIZE(items)};
    const char *ids[] = {"c1", "c2", "c5"}, *workspaces[] = {"ws_1", "ws_2", NULL};

    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        struct api_connection connection = connection_of(ids[i], workspaces[i]);
        assert_int_equal(store_save_connection(f->store, &connection), 0);
    }
    assert_int_equal(store_replace_connections(f->store, NULL, "ws_1", &listed), 0);
    assert_int_equal(store_delete_connection(f->store, "c4"), 0);
    assert_int_equal(store_delete_connection(f->store, "unknown"), 0);
    reopen(f);
    assert_int_equal(f->n_connections, 3);
    assert_string_equal(f->connections[0]->connection_id, "c2");
    assert_string_equal(f->connections[1]->connection_id, "c3");
    assert_string_equal(f->connections[2]->connection_id, "c5");
    assert_null(f->connections[2]->workspace_id);
}

/* The same workspace under two profiles: what is listed for one says nothing of the other. */
static void test_profiles(void **state)
{
    struct fixture *f = *state;
    const struct api_connections nothing = {0};

    for (int i = 0; i < 3; i++) {
        static const char *const ids[] = {"c1", "c2", "c3"}, *const profiles[] = {NULL, "a", "b"};
        struct api_connection connection = connection_of(ids[i], "ws_1");
        connection.profile = (char *)profiles[i];
        assert_int_equal(store_save_connection(f->store, &connection), 0);
    }
    assert_int_equal(store_replace_connections(f->store, "a", "ws_1", &nothing), 0);
    reopen(f);
    assert_int_equal(f->n_connections, 2);
    assert_string_equal(f->connections[0]->connection_id, "c1");
    assert_null(f->connections[0]->profile);
    assert_string_equal(f->connections[1]->connection_id, "c3");
    assert_string_equal(f->connections[1]->profile, "b");
    assert_int_equal(store_replace_connections(f->store, NULL, "ws_1", &nothing), 0);
    reopen(f);
    assert_int_equal(f->n_connections, 1);
    assert_string_equal(f->connections[0]->connection_id, "c3");
}

/* A file of the first version, as that has made it. */
static void test_migration(void **state)
{
    struct fixture *f = *state;
    const char *sql =
        "CREATE TABLE sessions (session_id TEXT PRIMARY KEY NOT NULL,"
        " integration_type TEXT NOT NULL, workspace_id TEXT, return_to TEXT, callback TEXT,"
        " authorize_url TEXT, status TEXT NOT NULL, connection_id TEXT, renewed INTEGER NOT NULL,"
        " failure INTEGER NOT NULL, error TEXT, created_at INTEGER NOT NULL,"
        " expires_at INTEGER NOT NULL, began_at INTEGER NOT NULL, ended_at INTEGER,"
        " browser_opened INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE connections (connection_id TEXT PRIMARY KEY NOT NULL,"
        " integration_type TEXT NOT NULL, workspace_id TEXT, scope TEXT, expires_at INTEGER,"
        " created_at INTEGER, updated_at INTEGER) STRICT, WITHOUT ROWID;"
        "INSERT INTO sessions VALUES ('s1', 'gmail', 'ws_1', NULL, 'http://127.0.0.1:1/callback/0',"
        " 'https://example.org/authorize', 'pending', NULL, 0, 0, NULL, 1, 2, 3, NULL, 1);"
        "INSERT INTO connections VALUES ('c1', 'slack', 'ws_1', 'read', NULL, 4, 5);"
        "PRAGMA user_version = 1;";

    f->store = store_free(f->store);
    assert_int_equal(unlink(f->path), 0);
    sqlite3_close(other(f, sql));
    for (int i = 0; i < 2; i++) { /* the second time, there is nothing left to migrate */
        reopen(f);
        assert_null(store_problem(f->store));
        assert_int_equal(f->n_sessions, 1);
        assert_string_equal(f->sessions[0]->session_id, "s1");
        assert_string_equal(f->sessions[0]->callback, "http://127.0.0.1:1/callback/0");
        assert_int_equal(f->sessions[0]->began_at, 3);
        assert_true(f->sessions[0]->browser_opened);
        assert_null(f->sessions[0]->profile);
        assert_int_equal(f->n_connections, 1);
        assert_string_equal(f->connections[0]->connection_id, "c1");
        assert_string_equal(f->connections[0]->scope, "read");
        assert_int_equal(f->connections[0]->updated_at_usec, 5);
        assert_null(f->connections[0]->profile);
    }
    assert_int_equal(string_replace(&f->connections[0]->profile, "work"), 0);
    assert_int_equal(store_save_connection(f->store, f->connections[0]), 0);
    reopen(f);
    assert_string_equal(f->connections[0]->profile, "work");
}

static void test_forget_sessions(void **state)
{
    struct fixture *f = *state;
    const int64_t ends[] = {0 /* pending */, BEGAN - 1, BEGAN, BEGAN + 1};

    for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
        char id[8];
        snprintf(id, sizeof(id), "s%zu", i);
        struct session *s = make_session(id);
        if (ends[i] > 0) {
            s->state = SESSION_FAILED;
            s->failure = SESSION_DENIED;
            s->ended_at = ends[i];
        }
        s->created_at += (int64_t)i;
        assert_int_equal(store_save_session(f->store, s), 0);
        session_free(s);
    }
    assert_int_equal(store_forget_sessions(f->store, BEGAN, 3), 0); /* the one before that time */
    reopen(f);
    assert_int_equal(f->n_sessions, 3);
    assert_string_equal(f->sessions[0]->session_id, "s0");
    assert_string_equal(f->sessions[1]->session_id, "s2");

    assert_int_equal(store_forget_sessions(f->store, 0, 1), 0); /* all but the newest that ended */
    reopen(f);
    assert_int_equal(f->n_sessions, 2);
    assert_string_equal(f->sessions[0]->session_id, "s0");
    assert_string_equal(f->sessions[1]->session_id, "s3");
}

/* A row that makes no sense is left out; the others are not. */
static void test_nonsense(void **state)
{
    static const char *const changes[] = {
        "status = 'pending', authorize_url = NULL",
        "status = 'complete'",
        "status = 'complete', connection_id = 'c1', failure = 1",
        "status = 'error'",
        "status = 'error', failure = 99",
        "status = 'odd'",
        "session_id = ''",
        "integration_type = CAST(x'ff' AS TEXT)",
        "authorize_url = 'javascript:alert(1)'",
        "return_to = 'file:///etc/passwd'",
        "renewed = 3",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        char sql[128], id[8];
        snprintf(id, sizeof(id), "s%zu", i);
        struct session *s = make_session(id);
        assert_int_equal(store_save_session(f->store, s), 0);
        session_free(s);
        snprintf(
            sql, sizeof(sql), "UPDATE sessions SET %s WHERE session_id = 's%zu'", changes[i], i);
        sqlite3_close(other(f, sql));
    }
    struct session *s = make_session("good");
    assert_int_equal(store_save_session(f->store, s), 0);
    session_free(s);
    reopen(f);
    assert_int_equal(f->n_sessions, 1);
    assert_string_equal(f->sessions[0]->session_id, "good");
    assert_false(store_was_damaged(f->store));
}

/* A file of somebody else's making: a view that never ends, a trigger that undoes what is written.
 */
static void test_foreign_schema(void **state)
{
    struct fixture *f = *state;
    struct api_connection c = connection_of("c1", "w1");

    sqlite3_close(other(f, "CREATE TRIGGER undo AFTER INSERT ON connections "
                           "BEGIN DELETE FROM connections; END"));
    reopen(f);
    assert_int_equal(store_save_connection(f->store, &c), 0);
    reopen(f);
    assert_int_equal(f->n_connections, 1);

    sqlite3_close(other(f, "DROP TABLE connections; CREATE VIEW connections AS "
                           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                           "SELECT i, i, i, i, i, i, i, i FROM n WHERE i < 0"));
    f->store = store_free(f->store);
    forget(f);
    assert_int_equal(store_open(f->directory, &handlers, f, &f->store), 0);
    assert_int_not_equal(store_load(f->store), 0);
    assert_non_null(store_problem(f->store));
}

static void test_locked(void **state)
{
    struct fixture *f = *state;
    struct api_connection old = connection_of("old", NULL), gone = connection_of("gone", NULL);

    assert_int_equal(store_save_connection(f->store, &gone), 0);
    reopen(f);
    sqlite3 *db = other(f, "BEGIN IMMEDIATE");
    struct session *s = make_session("s1");
    assert_int_equal(store_save_session(f->store, s), -EBUSY);
    assert_int_equal(store_save_connection(f->store, &old), -EBUSY);
    assert_int_equal(store_save_completion(f->store, s, &old), -EBUSY);
    assert_int_equal(f->behind, 3);
    assert_non_null(strstr(store_problem(f->store), "cannot be written"));
    assert_int_equal(store_catch_up(f->store), -EBUSY);
    assert_int_equal(f->behind, 4);
    sqlite3_close(db);

    /* One that is written later does not hide that others are not. */
    assert_int_equal(store_save_connection(f->store, &old), 0);
    assert_non_null(store_problem(f->store));

    forget(f); /* "gone" has been deleted meanwhile */
    on_session(s, f);
    f->saves_all = true;
    assert_int_equal(store_catch_up(f->store), 0);
    assert_null(store_problem(f->store));
    reopen(f);
    assert_int_equal(f->n_sessions, 1);
    assert_string_equal(f->sessions[0]->session_id, "s1");
    assert_int_equal(f->n_connections, 0);
}

/* When not all can be saved, nothing of it is. */
static void test_catch_up_is_one_transaction(void **state)
{
    struct fixture *f = *state;
    struct api_connection connection = connection_of("c1", NULL);

    assert_int_equal(store_save_connection(f->store, &connection), 0);
    reopen(f);
    on_session(make_session("good"), f);
    on_session(make_session("bad"), f);
    on_session(make_session("never tried"), f);
    free(f->sessions[1]->integration_type);
    f->sessions[1]->integration_type = NULL; /* which the schema forbids */
    f->saves_all = true;
    assert_true(store_catch_up(f->store) < 0);
    assert_non_null(store_problem(f->store));
    assert_int_equal(f->behind, 1);
    reopen(f);
    assert_int_equal(f->n_sessions, 0);
    assert_int_equal(f->n_connections, 1);
}

static void write_garbage(const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (int i = 0; i < 20000; i++)
        fputc('x', file);
    fclose(file);
}

static size_t count_files(struct fixture *f, const char *pattern)
{
    char path[128];
    glob_t found;

    snprintf(path, sizeof(path), "%s/%s", f->directory, pattern);
    size_t n = glob(path, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return n;
}

static void test_damaged(void **state)
{
    struct fixture *f = *state;
    struct api_connection connection = connection_of("c1", NULL);

    f->store = store_free(f->store);
    write_garbage(f->path);
    reopen(f);
    assert_true(store_was_damaged(f->store));
    assert_non_null(strstr(store_problem(f->store), "oauthd.db.damaged-"));
    assert_int_equal(count_files(f, "oauthd.db.damaged-*"), 1);
    assert_int_equal(store_save_connection(f->store, &connection), 0);
    reopen(f);
    assert_int_equal(f->n_connections, 1);
    assert_false(store_was_damaged(f->store));
    assert_int_equal(count_files(f, "oauthd.db.damaged-*"), 1);
}

/* While it is not open: what stands first in one of its tables is garbage. */
static void damage_table(struct fixture *f, const char *table)
{
    static const char garbage[4096] = "garbage";
    char sql[96];
    sqlite3_stmt *row;

    snprintf(sql, sizeof(sql), "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", table);
    sqlite3 *db = other(f, "");
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    long page = sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);

    FILE *file = fopen(f->path, "r+e");
    assert_non_null(file);
    assert_int_equal(fseek(file, (page - 1) * (long)sizeof(garbage), SEEK_SET), 0);
    assert_int_equal(fwrite(garbage, sizeof(garbage), 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

/* Met when all is saved, or when one thing is: what is known goes into the new file at once. */
static void test_damage_met_while_writing(void **state)
{
    static const char *const tables[] = {"sessions", "connections"};
    struct fixture *f = *state;
    struct api_connection connection = connection_of("c1", NULL);

    on_session(make_session("s1"), f);
    f->saves_all = true;
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        f->store = store_free(f->store);
        damage_table(f, tables[i]);
        assert_int_equal(store_open(f->directory, &handlers, f, &f->store), 0);
        assert_false(store_was_damaged(f->store)); /* as far as anybody knows */
        if (i == 0)
            assert_int_equal(store_catch_up(f->store), 0);
        else
            assert_int_equal(store_save_connection(f->store, &connection), -EUCLEAN);
        assert_int_equal(f->behind, i);
        assert_true(store_was_damaged(f->store));
        assert_int_equal(count_files(f, "oauthd.db.damaged-*Z"), i + 1);
        reopen(f);
        assert_int_equal(f->n_sessions, 1);
        assert_null(store_problem(f->store));
    }
}

static void test_not_usable(void **state)
{
    struct fixture *f = *state;
    struct api_connection connection = connection_of("c1", NULL);

    f->store = store_free(f->store);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(mkdir(f->path, 0700), 0); /* something that is no file */
    reopen(f);
    assert_int_equal(f->behind, 1);
    assert_non_null(strstr(store_problem(f->store), "cannot be opened"));
    assert_true(store_save_connection(f->store, &connection) < 0);
    assert_true(store_catch_up(f->store) < 0);
    assert_int_equal(rmdir(f->path), 0);
    assert_int_equal(store_catch_up(f->store), 0);
    assert_null(store_problem(f->store));
    assert_int_equal(store_save_connection(f->store, &connection), 0);
}

/* The number of the schema is signed in SQLite. */
static void test_negative(void **state)
{
    struct fixture *f = *state;

    sqlite3_close(other(f, "PRAGMA user_version = -8"));
    reopen(f);
    assert_true(store_was_damaged(f->store));
}

static void test_newer(void **state)
{
    struct fixture *f = *state;

    f->store = store_free(f->store);
    sqlite3_close(other(f, "PRAGMA user_version = 99"));
    assert_int_equal(store_open(f->directory, &handlers, f, &f->store), -EPROTONOSUPPORT);
    assert_null(f->store);
}

static void test_private(void **state)
{
    struct fixture *f = *state;
    struct stat st;

    umask(0077); /* as the daemon has it */
    f->store = store_free(f->store);
    assert_int_equal(unlink(f->path), 0);
    reopen(f);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_empty),
        TEST(test_session),
        TEST(test_looking),
        TEST(test_completion),
        TEST(test_failures),
        TEST(test_connections),
        TEST(test_profiles),
        TEST(test_migration),
        TEST(test_forget_sessions),
        TEST(test_nonsense),
        TEST(test_foreign_schema),
        TEST(test_locked),
        TEST(test_catch_up_is_one_transaction),
        TEST(test_damaged),
        TEST(test_damage_met_while_writing),
        TEST(test_not_usable),
        TEST(test_negative),
        TEST(test_newer),
        TEST(test_private),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
