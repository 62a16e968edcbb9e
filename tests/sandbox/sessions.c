/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/sessions.h"

#include "lib/base/json.h"
#include "lib/base/memory.h"
#include "lib/base/timestamp.h"
#include "tests/sandbox/providers.h"

#include <errno.h>
#include <json-c/linkhash.h>

TAILQ_HEAD(session_list, session);

struct sessions {
    struct session_lifetimes lifetimes;
    struct lh_table *by_id;
    struct lh_table *by_state;
    /* A list a status: all in it live equally long, so the first is always the next to go. */
    struct session_list lists[SESSION_STATUSES];
};

static struct session *session_free(struct session *session)
{
    if (session) {
        free(session->workspace_id);
        free(session->return_to);
        free(session->connection_id);
        free(session->error);
        free(session);
    }
    return NULL;
}

DEFINE_CLEANUP(struct session *, session_free);

int sessions_new(const struct session_lifetimes *lifetimes, struct sessions **ret)
{
    struct sessions *sessions = calloc(1, sizeof(*sessions));

    if (!sessions)
        return -ENOMEM;
    sessions->lifetimes = *lifetimes;
    for (int i = 0; i < SESSION_STATUSES; i++)
        TAILQ_INIT(&sessions->lists[i]);
    sessions->by_id = lh_kchar_table_new(1024, NULL);
    sessions->by_state = lh_kchar_table_new(1024, NULL);
    if (!sessions->by_id || !sessions->by_state) {
        sessions_free(sessions);
        return -ENOMEM;
    }

    *ret = sessions;
    return 0;
}

struct sessions *sessions_free(struct sessions *sessions)
{
    struct session *session;

    if (!sessions)
        return NULL;
    for (int i = 0; i < SESSION_STATUSES; i++) {
        while ((session = TAILQ_FIRST(&sessions->lists[i]))) {
            TAILQ_REMOVE(&sessions->lists[i], session, link);
            session_free(session);
        }
    }
    if (sessions->by_id)
        lh_table_free(sessions->by_id);
    if (sessions->by_state)
        lh_table_free(sessions->by_state);
    free(sessions);
    return NULL;
}

/* Puts the session, which is in no list, at the end of the list of its new status. */
static void enter_status(
    struct sessions *sessions, struct session *session, enum session_status status)
{
    session->status = status;
    session->ends_usec = timestamp_now(CLOCK_BOOTTIME) + sessions->lifetimes.usec[status];
    TAILQ_INSERT_TAIL(&sessions->lists[status], session, link);
}

static void forget_state(struct sessions *sessions, struct session *session)
{
    if (session->state[0] != '\0')
        lh_table_delete(sessions->by_state, session->state);
    session->state[0] = '\0';
}

void sessions_remove(struct sessions *sessions, struct session *session)
{
    forget_state(sessions, session);
    lh_table_delete(sessions->by_id, session->id);
    TAILQ_REMOVE(&sessions->lists[session->status], session, link);
    session_free(session);
}

static void remove_expired(struct sessions *sessions)
{
    int64_t now = timestamp_now(CLOCK_BOOTTIME);
    struct session *session;

    for (int i = 0; i < SESSION_STATUSES; i++) {
        while ((session = TAILQ_FIRST(&sessions->lists[i])) && session->ends_usec <= now)
            sessions_remove(sessions, session);
    }
}

int sessions_add(struct sessions *sessions, const struct provider *provider,
    const char *workspace_id, const char *return_to_or_null, struct session **ret)
{
    _cleanup_(session_freep) struct session *session = NULL;

    remove_expired(sessions);
    if (lh_table_length(sessions->by_id) >= SESSIONS_MAX)
        return -ENOSPC;

    session = calloc(1, sizeof(*session));
    if (!session || string_replace(&session->workspace_id, workspace_id) < 0 ||
        string_replace(&session->return_to, return_to_or_null) < 0)
        return -ENOMEM;
    session->provider = provider;
    random_uuid(session->id);
    random_token(session->state);

    if (lh_table_insert(sessions->by_id, session->id, session) < 0)
        return -ENOMEM;
    if (lh_table_insert(sessions->by_state, session->state, session) < 0) {
        lh_table_delete(sessions->by_id, session->id);
        return -ENOMEM;
    }
    enter_status(sessions, session, SESSION_PENDING);
    *ret = TAKE_PTR(session);
    return 0;
}

static struct session *find(struct sessions *sessions, struct lh_table *table, const char *key)
{
    void *session = NULL;

    remove_expired(sessions);
    lh_table_lookup_ex(table, key, &session);
    return session;
}

struct session *sessions_find(struct sessions *sessions, const char *id)
{
    return find(sessions, sessions->by_id, id);
}

struct session *sessions_find_state(struct sessions *sessions, const char *state)
{
    return find(sessions, sessions->by_state, state);
}

static void finish(struct sessions *sessions, struct session *session, enum session_status status)
{
    forget_state(sessions, session);
    TAILQ_REMOVE(&sessions->lists[session->status], session, link);
    enter_status(sessions, session, status);
}

int sessions_complete(struct sessions *sessions, struct session *session, const char *connection_id)
{
    int r = string_replace(&session->connection_id, connection_id);

    if (r < 0)
        return r;
    finish(sessions, session, SESSION_COMPLETE);
    return 0;
}

int sessions_fail(struct sessions *sessions, struct session *session, const char *error)
{
    int r = string_replace(&session->error, error);

    if (r < 0)
        return r;
    finish(sessions, session, SESSION_ERROR);
    return 0;
}

const char *session_status_name(enum session_status status)
{
    static const char *const names[] = {
        [SESSION_PENDING] = "pending",
        [SESSION_COMPLETE] = "complete",
        [SESSION_ERROR] = "error",
    };

    return names[status];
}

static struct json_object *describe(const struct session *session)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();

    if (!object || json_add_string(object, "session_id", session->id) < 0 ||
        json_add_string(object, "status", session_status_name(session->status)) < 0 ||
        json_add_string(object, "integration_type", session->provider->type) < 0 ||
        json_add_string(object, "workspace_id", session->workspace_id) < 0 ||
        json_add_string(object, "return_to", session->return_to) < 0 ||
        json_add_string(object, "connection_id", session->connection_id) < 0 ||
        json_add_string(object, "error", session->error) < 0)
        return NULL;
    return TAKE_PTR(object);
}

struct json_object *sessions_describe(struct sessions *sessions)
{
    _cleanup_json_ struct json_object *array = json_object_new_array();
    struct session *session;

    remove_expired(sessions);
    for (int i = 0; array && i < SESSION_STATUSES; i++) {
        TAILQ_FOREACH(session, &sessions->lists[i], link)
        {
            struct json_object *object = describe(session);
            if (!object || json_object_array_add(array, object) < 0) {
                json_object_put(object);
                return NULL;
            }
        }
    }
    return TAKE_PTR(array);
}
