/* SPDX-License-Identifier: MIT */

/*
 * The disk, in the place of daemon/store. What an earlier run has left is one row a line: "s" with
 * the columns of a session, "c" with those of a connection, or "n" with a number, behind tabs; rows
 * that the real store leaves out are left out. A "!" in front of all says that the file was
 * damaged.
 */

#include "daemon/list.h"
#include "daemon/sessions.h"
#include "daemon/store/store.h"
#include "lib/base/json-scan.h"
#include "lib/base/timestamp.h"
#include "lib/base/url.h"
#include "tests/fuzz/fake-parts.h"

#include <errno.h>

struct known {
    struct known *previous, *next;
    char *connection_id;
};

struct store {
    const struct store_handlers *handlers;
    void *userdata;
};

static struct fuzz_input rows;
static void (*saving)(void);
static struct known *known;
static bool failing, has_failed, behind, damaged;

void fake_store_begin(struct fuzz_input given, void (*given_saving)(void))
{
    rows = given;
    saving = given_saving;
    failing = has_failed = behind = false;
    damaged = rows.left > 0 && *rows.at == '!';
    if (damaged)
        (void)fuzz_byte(&rows);
    while (known) {
        struct known *one = known;
        LIST_REMOVE(known, one);
        free(one->connection_id);
        free(one);
    }
}

bool fake_store_has(const char *connection_id)
{
    LIST_FOREACH (one, known) {
        if (streq(one->connection_id, connection_id))
            return true;
    }
    return false;
}

static void keep(const char *connection_id)
{
    struct known *one;

    if (fake_store_has(connection_id))
        return;
    one = calloc(1, sizeof(*one));
    HOLDS(one);
    one->connection_id = strdup(connection_id);
    LIST_ADD(known, one);
}

void fake_store_fail(bool fail)
{
    failing = fail;
    has_failed |= fail;
}

bool fake_store_has_failed(void)
{
    return has_failed;
}

static int result(struct store *store)
{
    if (failing)
        store->handlers->behind(store->userdata);
    behind |= failing;
    return failing ? -EIO : 0;
}

/* In the place of the real one */

int store_open(const char *directory, const struct store_handlers *handlers, void *userdata,
    struct store **ret)
{
    struct store *store = calloc(1, sizeof(*store));

    HOLDS(store);
    store->handlers = handlers;
    store->userdata = userdata;
    *ret = store;
    return 0;
}

struct store *store_free(struct store *store)
{
    free(store);
    return NULL;
}

int store_catch_up(struct store *store)
{
    if (failing)
        return result(store);
    store->handlers->save_all(store->userdata);
    behind = false;
    return 0;
}

const char *store_problem(const struct store *store)
{
    return behind ? "The disk is full." : NULL;
}

bool store_was_damaged(const struct store *store)
{
    return damaged;
}

int store_save_session(struct store *store, const struct session *session)
{
    HOLDS(session->session_id && session->integration_type);
    HOLDS(!session_is_over(session) || !session->authorize_url);
    saving();
    if (!failing && session->connection_id)
        keep(session->connection_id);
    return result(store);
}

int store_save_completion(
    struct store *store, const struct session *session, const struct api_connection *connection)
{
    HOLDS(session->state == SESSION_COMPLETE);
    HOLDS(streq(session->connection_id, connection->connection_id));
    return store_save_session(store, session);
}

int store_save_connection(struct store *store, const struct api_connection *connection)
{
    HOLDS(connection->connection_id && connection->integration_type);
    return result(store);
}

int store_delete_connection(struct store *store, const char *connection_id)
{
    HOLDS(connection_id);
    return result(store);
}

int store_replace_connections(struct store *store, const char *profile_or_null,
    const char *workspace_id, const struct api_connections *connections)
{
    HOLDS(workspace_id);
    return result(store);
}

int store_forget_sessions(struct store *store, int64_t ended_before, int64_t kept_max)
{
    return result(store);
}

/* What is no UTF-8 does not get here. */
static char *text_or_null(struct fuzz_input *row)
{
    char *text = fuzz_text_part(row, '\t');

    if (*text && json_scan_is_utf8(text, strlen(text)))
        return text;
    free(text);
    return NULL;
}

static int64_t number(struct fuzz_input *row)
{
    _cleanup_free_ char *text = fuzz_text_part(row, '\t');

    return strtoll(text, NULL, 10);
}

static struct session *read_session(struct fuzz_input *row)
{
    struct session *s = calloc(1, sizeof(*s));

    HOLDS(s);
    s->session_id = text_or_null(row);
    s->integration_type = text_or_null(row);
    s->workspace_id = text_or_null(row);
    s->profile = text_or_null(row);
    s->return_to = text_or_null(row);
    s->callback = text_or_null(row);
    s->authorize_url = text_or_null(row);
    s->connection_id = text_or_null(row);
    s->created_at = number(row);
    s->expires_at = number(row);
    s->began_at = number(row);
    s->base_url = text_or_null(row);
    s->wake_at = INT64_MAX;
    s->state = s->connection_id ? SESSION_COMPLETE : SESSION_PENDING;
    if (s->connection_id)
        s->authorize_url = secret_free(s->authorize_url);
    if (s->session_id && s->integration_type &&
        (!s->return_to || !url_problem_any_host(s->return_to)) &&
        (s->connection_id || (s->authorize_url && !url_problem(s->authorize_url))))
        return s;
    return session_free(s);
}

static struct api_connection *read_connection(struct fuzz_input *row)
{
    struct api_connection *c = calloc(1, sizeof(*c));

    HOLDS(c);
    c->connection_id = text_or_null(row);
    c->integration_type = text_or_null(row);
    c->workspace_id = text_or_null(row);
    c->profile = text_or_null(row);
    c->updated_at_usec = number(row);
    c->created_at_usec = c->expires_at_usec = -1;
    if (c->updated_at_usec < 0)
        c->updated_at_usec = -1;
    if (c->connection_id && c->integration_type)
        return c;
    api_connection_clear(c);
    free(c);
    return NULL;
}

/* "n" and a number: so many that ended long ago. */
static void load_ended(const struct store *store, int64_t n)
{
    for (int64_t i = 0; i < n && i < SESSIONS_ENDED_MAX; i++) {
        struct session *s = calloc(1, sizeof(*s));
        HOLDS(s && asprintf(&s->session_id, "ended_%u", (unsigned)i) > 0);
        s->integration_type = strdup("gmail");
        s->error = strdup("nobody approved it");
        s->state = SESSION_FAILED;
        s->failure = SESSION_EXPIRED;
        s->wake_at = INT64_MAX;
        store->handlers->session(s, store->userdata);
    }
}

static void load_row(const struct store *store, struct fuzz_input row)
{
    uint8_t letter = fuzz_byte(&row);
    struct session *session = NULL;
    struct api_connection *connection = NULL;

    (void)fuzz_part(&row, '\t');
    if (letter == 'n')
        load_ended(store, number(&row));
    else if (letter == 'c')
        connection = read_connection(&row);
    else
        session = read_session(&row);
    if (session && session->connection_id)
        keep(session->connection_id);
    if (session)
        store->handlers->session(session, store->userdata);
    if (connection)
        store->handlers->connection(connection, store->userdata);
}

void store_miss(struct store *store)
{
    store->handlers->behind(store->userdata);
}

size_t store_count_connections(struct store *store)
{
    return 100; /* or so */
}

int store_load(struct store *store)
{
    while (rows.left > 0)
        load_row(store, fuzz_part(&rows, '\n'));
    return 0;
}
