/* SPDX-License-Identifier: MIT */
#include "daemon/store/row.h"

#include "lib/base/json-scan.h"
#include "lib/base/url.h"

/* Into the database */

void row_bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC); /* NULL stays NULL */
}

static void bind_time(sqlite3_stmt *statement, int column, int64_t usec)
{
    if (usec >= 0)
        sqlite3_bind_int64(statement, column, usec);
}

void row_bind_session(sqlite3_stmt *statement, const struct session *s)
{
    bool over = session_is_over(s);

    row_bind_text(statement, 1, s->session_id);
    row_bind_text(statement, 2, s->integration_type);
    row_bind_text(statement, 3, s->workspace_id);
    row_bind_text(statement, 4, s->return_to);
    row_bind_text(statement, 5, over ? NULL : s->callback);
    row_bind_text(statement, 6, over ? NULL : s->authorize_url);
    row_bind_text(statement, 7, session_status_name(s));
    row_bind_text(statement, 8, s->connection_id);
    sqlite3_bind_int(statement, 9, (int)s->renewed);
    sqlite3_bind_int(statement, 10, (int)s->failure);
    row_bind_text(statement, 11, s->error);
    sqlite3_bind_int64(statement, 12, s->created_at);
    sqlite3_bind_int64(statement, 13, s->expires_at);
    sqlite3_bind_int64(statement, 14, s->began_at);
    if (over)
        sqlite3_bind_int64(statement, 15, s->ended_at);
    sqlite3_bind_int(statement, 16, s->browser_opened);
    row_bind_text(statement, 17, s->profile);
    row_bind_text(statement, 18, s->base_url);
}

void row_bind_connection(sqlite3_stmt *statement, const struct api_connection *c)
{
    row_bind_text(statement, 1, c->connection_id);
    row_bind_text(statement, 2, c->integration_type);
    row_bind_text(statement, 3, c->workspace_id);
    row_bind_text(statement, 4, c->scope);
    bind_time(statement, 5, c->expires_at_usec);
    bind_time(statement, 6, c->created_at_usec);
    bind_time(statement, 7, c->updated_at_usec);
    row_bind_text(statement, 8, c->profile);
}

/* Out of it */

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

struct session *row_read_session(sqlite3_stmt *row)
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

struct api_connection *row_read_connection(sqlite3_stmt *row)
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
