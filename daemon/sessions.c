/* SPDX-License-Identifier: MIT */
#include "daemon/sessions-entry.h"

#include "daemon/list.h"
#include "daemon/log.h"
#include "lib/api/integration.h"
#include "lib/base/random.h"
#include "lib/base/table.h"
#include "lib/base/timestamp.h"

#include <errno.h>

/* Entries */

static void stop(struct entry *entry)
{
    entry->request = http_cancel(entry->request);
    entry->timer = sd_event_source_disable_unref(entry->timer);
}

static void count_pending(struct sessions *sessions, int change)
{
    bool any = sessions->n_pending > 0;

    sessions->n_pending += (unsigned)change;
    if (any != (sessions->n_pending > 0))
        sessions->context.pending(!any, sessions->context.userdata);
}

static void entry_free(struct entry *entry)
{
    struct sessions *sessions = entry->sessions;

    if (!session_is_over(entry->session))
        count_pending(sessions, -1);
    stop(entry);
    while (entry->waiters)
        session_waiter_free(entry->waiters);
    lh_table_delete(sessions->by_id, entry->session->session_id);
    LIST_REMOVE(sessions->all, entry);
    session_free(entry->session);
    free(entry);
}

/* The one that ended first, apart from this one; *ret_n: how many have ended, with it. */
static struct entry *first_ended(
    const struct sessions *sessions, const struct entry *apart_from, unsigned *ret_n)
{
    struct entry *first = NULL;

    *ret_n = 0;
    LIST_FOREACH (entry, sessions->all) {
        if (!session_is_over(entry->session))
            continue;
        (*ret_n)++;
        if (entry != apart_from && (!first || entry->session->ended_at < first->session->ended_at))
            first = entry;
    }
    return first;
}

/* One more has ended: those that are too many, or ended too long ago, are forgotten. Never this
 * one, which somebody further up the stack may still look at. */
static void forget_old(struct sessions *sessions, const struct entry *ended)
{
    const int64_t kept_since = timestamp_now(CLOCK_REALTIME) - SESSIONS_KEPT_USEC;
    struct entry *first;
    bool any = false;
    unsigned n;

    while ((first = first_ended(sessions, ended, &n)) &&
           (n > SESSIONS_ENDED_MAX || first->session->ended_at < kept_since)) {
        entry_free(first);
        any = true;
    }
    if (any)
        (void)store_forget_sessions(sessions->context.store, kept_since, SESSIONS_ENDED_MAX);
}

struct entry *sessions_entry(const struct sessions *sessions, const char *session_id)
{
    void *entry = NULL;

    (void)lh_table_lookup_ex(sessions->by_id, session_id, &entry);
    return entry;
}

/* Telling */

static void tell(struct entry *entry, enum session_wait_result result)
{
    LIST_FOREACH_SAFE (waiter, entry->waiters)
        waiter->handler(result, entry->session, waiter->userdata);
    entry->sessions->context.changed(entry->session, entry->sessions->context.userdata);
}

static void log_end(const struct session *s)
{
    if (s->state == SESSION_COMPLETE)
        log_session(LOG_INFO, LOG_SESSION_COMPLETE, s, "%s is connected%s",
            integration_name(s->integration_type),
            s->renewed == SESSION_RENEWED_YES ? " (the connection was renewed)" : "");
    else
        log_session(LOG_INFO, LOG_SESSION_FAILED, s, "%s was not connected: %s (%s)",
            integration_name(s->integration_type), s->error ? s->error : "",
            session_failure_name(s->failure));
}

/* What is known of the connection that came of a session: what was known before, and that it was
 * touched now. */
static struct api_connection connection_of(struct entry *entry)
{
    const struct session *s = entry->session;
    const struct api_connection *before =
        connections_find_id(entry->sessions->context.connections, s->connection_id);
    const char *workspace_id = s->workspace_id ? s->workspace_id
                               : before        ? before->workspace_id
                                               : NULL;
    struct api_connection connection = {
        .connection_id = strdup(s->connection_id),
        .integration_type = strdup(s->integration_type),
        .profile = s->profile ? strdup(s->profile) : NULL,
        .workspace_id = workspace_id ? strdup(workspace_id) : NULL,
        .scope = before && before->scope ? strdup(before->scope) : NULL,
        .expires_at_usec = -1,
        .created_at_usec = before ? before->created_at_usec : -1,
        .updated_at_usec = s->ended_at,
    };

    return connection;
}

/* Stores what is known of a session, and of the connection that came of it. What cannot be stored
 * now is stored later, see store_catch_up(). */
static void save(struct entry *entry)
{
    struct sessions *sessions = entry->sessions;
    const struct session *s = entry->session;
    const struct api_connection *connection =
        s->state == SESSION_COMPLETE
            ? connections_find_id(sessions->context.connections, s->connection_id)
            : NULL;

    if (connection)
        (void)store_save_completion(sessions->context.store, s, connection);
    else
        (void)store_save_session(sessions->context.store, s);
}

/* Stored first, told afterwards: whoever hears of a connection can rely on it. */
static void conclude(struct entry *entry)
{
    struct sessions *sessions = entry->sessions;
    struct session *s = entry->session;
    const struct sessions_context *context = &sessions->context;
    struct api_connection connection;

    stop(entry);
    entry->suspended = false; /* there is nothing left to go on with */
    count_pending(sessions, -1);
    if (s->state == SESSION_COMPLETE) {
        connection = connection_of(entry);
        if (!connection.connection_id || !connection.integration_type ||
            !streq_or_null(connection.profile, s->profile))
            log_error("Out of memory: a connection is known as a session only");
        else
            (void)connections_learn(context->connections, &connection);
        api_connection_clear(&connection);
    }
    save(entry);
    log_end(s);
    if (s->state == SESSION_COMPLETE)
        connections_tell(context->connections, s->connection_id);
    entry->callback = callback_settle(entry->callback, s);
    bool alone = !entry->waiters;
    entry_release_waiters(entry);
    context->changed(s, context->userdata);
    if (alone)
        context->ended_alone(s, context->userdata);
    forget_old(sessions, entry);
}

/* Running the state machine */

static void arm(struct entry *entry)
{
    if (!entry->timer)
        return;
    if (entry->session->wake_at == INT64_MAX) {
        sd_event_source_set_enabled(entry->timer, SD_EVENT_OFF);
        return;
    }
    sd_event_source_set_time(entry->timer, (uint64_t)entry->session->wake_at);
    sd_event_source_set_enabled(entry->timer, SD_EVENT_ONESHOT);
}

void entry_handle(struct entry *entry, struct session_event *event)
{
    bool had_trouble = entry->session->trouble;
    uint64_t now;

    if (entry->suspended && event->type != SESSION_EVENT_CANCEL)
        return;
    sd_event_now(entry->sessions->context.event, CLOCK_BOOTTIME, &now);
    event->now = (int64_t)now;
    event->realtime = timestamp_now(CLOCK_REALTIME);
    event->idle_interval = entry->sessions->context.config->poll_interval_usec;
    random_fill(&event->random, sizeof(event->random));

    struct session_effects effects = session_handle(entry->session, event);
    if (effects.ended) {
        conclude(entry);
        return;
    }
    arm(entry);
    if (effects.changed) {
        if (entry->session->trouble && event->type != SESSION_EVENT_RETURN)
            log_session(LOG_WARNING, LOG_SESSION_TROUBLE, entry->session,
                "Airstore cannot be asked, trying on: %s", entry->session->trouble);
        else if (had_trouble && !entry->session->trouble)
            log_session(
                LOG_INFO, LOG_SESSION_TROUBLE_OVER, entry->session, "Airstore answers again");
        tell(entry, SESSION_WAIT_CHANGED);
    }
    if (effects.ask || effects.look)
        entry_ask(entry, effects.look, effects.urgent);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    entry_handle(userdata, &(struct session_event){.type = SESSION_EVENT_TIME});
    return 0;
}

static void on_visited(void *userdata)
{
    entry_handle(userdata, &(struct session_event){.type = SESSION_EVENT_RETURN});
}

/* Coming and going */

static int insert(struct sessions *sessions, struct session *session, struct entry **ret)
{
    struct entry *entry = calloc(1, sizeof(*entry));

    if (!entry || lh_table_insert(sessions->by_id, session->session_id, entry) < 0) {
        free(entry);
        return -ENOMEM;
    }
    entry->sessions = sessions;
    entry->session = session;
    LIST_ADD(sessions->all, entry);
    *ret = entry;
    return 0;
}

static int start(struct entry *entry)
{
    const struct sessions_context *context = &entry->sessions->context;

    count_pending(entry->sessions, 1);
    return sd_event_add_time(
        context->event, &entry->timer, CLOCK_BOOTTIME, UINT64_MAX, 10000, on_timer, entry);
}

int sessions_add(struct sessions *sessions, struct session *session, struct callback *callback)
{
    struct entry *entry;

    if (sessions_entry(sessions, session->session_id))
        return -EEXIST;
    int r = insert(sessions, session, &entry);
    if (r < 0)
        return r;
    r = start(entry);
    if (r < 0) {
        count_pending(sessions, -1);
        lh_table_delete(sessions->by_id, session->session_id);
        LIST_REMOVE(sessions->all, entry);
        free(entry);
        return r;
    }
    entry->callback = callback;
    if (callback)
        callback_attach(callback, on_visited, entry);
    save(entry);
    entry_handle(entry, &(struct session_event){.type = SESSION_EVENT_START});
    sessions->context.changed(session, sessions->context.userdata);
    return 0;
}

/* Until it expires. What a wrong clock or somebody else has written makes no session live longer.
 */
static int64_t time_left(const struct session *s)
{
    int64_t now = timestamp_now(CLOCK_REALTIME);

    if (s->expires_at < now - SESSION_LIFETIME_USEC)
        return -SESSION_LIFETIME_USEC;
    return s->expires_at > now + SESSION_LIFETIME_USEC ? SESSION_LIFETIME_USEC
                                                       : s->expires_at - now;
}

static void resume(struct entry *entry)
{
    const struct sessions_context *context = &entry->sessions->context;
    struct session *s = entry->session;
    const struct callback_subject subject = {
        s->profile, s->integration_type, s->workspace_id, s->return_to};

    s->deadline = timestamp_now(CLOCK_BOOTTIME) + time_left(s);
    s->seen_at = s->deadline - SESSION_LIFETIME_USEC;
    if (s->callback) {
        int r = callback_open(context->callbacks, &subject, s->callback, &entry->callback);
        if (r < 0)
            log_session(LOG_INFO, LOG_OTHER, s,
                "the browser cannot come back to its old port (%s); polling will finish it",
                strerror(-r));
        else
            callback_attach(entry->callback, on_visited, entry);
    }
    log_session(LOG_INFO, LOG_SESSION_RESUMED, s, "%s goes on after a restart",
        integration_name(s->integration_type));
    entry_handle(entry, &(struct session_event){.type = SESSION_EVENT_HINT});
}

/* It stays as it is: neither asked about, nor given up when its time is over. */
static void suspend(struct entry *entry)
{
    entry->suspended = true;
    (void)string_replace(&entry->session->trouble,
        "the configuration of airstore-oauthd has a mistake; see 'airstore-oauth status'");
}

void sessions_go_on(struct sessions *sessions)
{
    LIST_FOREACH (entry, sessions->all) { /* others may be forgotten meanwhile */
        if (!entry->suspended)
            continue;
        entry->suspended = false;
        (void)string_replace(&entry->session->trouble, NULL);
        tell(entry, SESSION_WAIT_CHANGED);
        resume(entry);
        entry_update_interval(entry);
    }
}

void sessions_restore(struct sessions *sessions, struct session *session)
{
    struct entry *entry;

    if (sessions_entry(sessions, session->session_id) || insert(sessions, session, &entry) < 0) {
        session_free(session);
        return;
    }
    if (session_is_over(session))
        return;
    if (start(entry) < 0)
        entry_free(entry);
    else if (sessions->context.config->mistakes)
        suspend(entry);
    else
        resume(entry);
}

/* Questions */

const struct session *sessions_find(const struct sessions *sessions, const char *session_id)
{
    const struct entry *entry = sessions_entry(sessions, session_id);

    return entry ? entry->session : NULL;
}

/* Of an old session, the server is not known: it may be any. */
static bool is_at(const struct session *s, const struct profile *profile)
{
    return streq_or_null(s->profile, profile->name) &&
           (!s->base_url || streq(s->base_url, profile->base_url));
}

const struct session *sessions_find_pending(const struct sessions *sessions,
    const struct profile *profile, const char *integration_type, const char *workspace_id_or_null)
{
    LIST_FOREACH (entry, sessions->all) {
        const struct session *s = entry->session;
        if (!session_is_over(s) && streq(s->integration_type, integration_type) &&
            streq_or_null(s->workspace_id, workspace_id_or_null) && is_at(s, profile))
            return s;
    }
    return NULL;
}

int sessions_each(const struct sessions *sessions,
    int (*handler)(const struct session *session, void *userdata), void *userdata)
{
    int r = 0;

    LIST_FOREACH (entry, sessions->all) {
        r = handler(entry->session, userdata);
        if (r < 0)
            break;
    }
    return r;
}

void sessions_save_all(struct sessions *sessions)
{
    LIST_FOREACH (entry, sessions->all)
        save(entry);
}

unsigned sessions_pending(const struct sessions *sessions)
{
    return sessions->n_pending;
}

void sessions_wake(struct sessions *sessions)
{
    LIST_FOREACH (entry, sessions->all) {
        if (session_is_over(entry->session) ||
            !config_profile(sessions->context.config, entry->session->profile))
            continue; /* without its profile, it cannot be asked about at all */
        entry->request = http_cancel(entry->request); /* it was sent into a network that is gone */
        entry_handle(entry, &(struct session_event){.type = SESSION_EVENT_WAKE});
    }
}

void sessions_set_browser_opened(struct sessions *sessions, const char *session_id)
{
    struct entry *entry = sessions_entry(sessions, session_id);

    if (!entry || session_is_over(entry->session))
        return;
    entry->session->browser_opened = true;
    save(entry);
}

bool sessions_is_awaited(const struct sessions *sessions, const char *session_id)
{
    const struct entry *entry = sessions_entry(sessions, session_id);

    return entry && entry->waiters;
}

int sessions_cancel(struct sessions *sessions, const char *session_id)
{
    struct entry *entry = sessions_entry(sessions, session_id);

    if (!entry)
        return -ENOENT;
    entry_handle(entry, &(struct session_event){.type = SESSION_EVENT_CANCEL});
    return 0;
}

/* All of it */

int sessions_new(const struct sessions_context *context, struct sessions **ret)
{
    struct sessions *sessions = calloc(1, sizeof(*sessions));

    if (!sessions)
        return -ENOMEM;
    sessions->context = *context;
    sessions->by_id = lh_kchar_table_new(64, NULL);
    if (!sessions->by_id) {
        sessions_free(sessions);
        return -ENOMEM;
    }
    *ret = sessions;
    return 0;
}

struct sessions *sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return NULL;
    while (sessions->all)
        entry_free(sessions->all);
    table_free(sessions->by_id);
    free(sessions);
    return NULL;
}
