/* SPDX-License-Identifier: MIT */
#include "daemon/session.h"

#include "lib/api/integration.h"
#include "lib/api/retry.h"

#include <stdio.h>

/* Up to a tenth more, so that many sessions do not ask in step. */
static int64_t with_jitter(int64_t usec, uint32_t random)
{
    return usec + (int64_t)((double)usec * 0.1 * random / UINT32_MAX);
}

/*
 * An approval in the browser that was opened here is told of by the browser. What only polling
 * finds, a denial or an approval on another device, is then noticed an eighth of an interval late
 * for each second that has passed, and never later than this.
 */
#define RELAXED_MAX_USEC ((int64_t)5 * 1000000)
#define RELAXED_AFTER_USEC ((int64_t)8 * 1000000)

static int64_t relaxed(const struct session *s, int64_t now)
{
    int64_t elapsed = now - (s->deadline - SESSION_LIFETIME_USEC);
    int64_t interval = (int64_t)((double)s->interval * (double)elapsed / RELAXED_AFTER_USEC);

    return interval < RELAXED_MAX_USEC ? interval : RELAXED_MAX_USEC;
}

/* The least patient waiter decides, unless all of them are more patient than the daemon is by
 * itself: the server forgets a completed session after 30 s. */
static int64_t pace(const struct session *s, const struct session_event *event)
{
    int64_t idle = event->idle_interval > 0 ? event->idle_interval : SESSION_INTERVAL_IDLE_USEC;
    int64_t interval = s->interval;

    if (s->callback && s->browser_opened && interval < relaxed(s, event->now))
        interval = relaxed(s, event->now);
    return interval > 0 && interval < idle ? interval : idle;
}

static void set_text(char **text, const char *value)
{
    if (string_replace(text, value) < 0)
        (void)string_replace(text, NULL);
}

/* The one place where a session ends. */
static void end(struct session *s, const struct session_event *event, enum session_state state,
    struct session_effects *effects)
{
    s->state = state;
    s->ended_at = event->realtime;
    s->authorize_url = secret_free(s->authorize_url);
    set_text(&s->trouble, NULL);
    s->wake_at = INT64_MAX;
    s->asking = s->hinted = false;
    effects->ask = effects->look = false;
    effects->ended = effects->changed = true;
}

static void end_failed(struct session *s, const struct session_event *event,
    enum session_failure failure, const char *error, struct session_effects *effects)
{
    s->failure = failure;
    set_text(&s->error, error);
    end(s, event, SESSION_FAILED, effects);
}

static void send_request(struct session *s, struct session_effects *effects)
{
    effects->urgent = s->hinted;
    s->asking = true;
    s->hinted = false;
    s->wake_at = INT64_MAX;
    if (s->state == SESSION_LOOKING)
        effects->look = true;
    else
        effects->ask = true;
}

/* The next request after this time, or as soon as it may be when somebody hinted that it is worth
 * it. */
static void schedule(struct session *s, const struct session_event *event, int64_t delay,
    struct session_effects *effects)
{
    s->asking = false;
    if (s->hinted && event->now >= s->not_before)
        send_request(s, effects);
    else if (s->hinted)
        s->wake_at = s->not_before;
    else
        s->wake_at = event->now + with_jitter(delay, event->random);
}

/* Where there is no memory for the ID, the server says it once more. */
static void end_complete(struct session *s, const struct session_event *event,
    const char *connection_id, struct session_effects *effects)
{
    set_text(&s->connection_id, connection_id);
    if (s->connection_id)
        end(s, event, SESSION_COMPLETE, effects);
    else
        schedule(s, event, pace(s, event), effects);
}

static void clear_trouble(struct session *s, struct session_effects *effects)
{
    s->failures = 0;
    s->not_before = 0;
    s->trouble_kind = 0;
    if (s->trouble) {
        set_text(&s->trouble, NULL);
        effects->changed = true;
    }
}

/* "google: access_denied" of the server, as a sentence that says who it was. */
static void end_refused(struct session *s, const struct session_event *event, const char *reason,
    struct session_effects *effects)
{
    char text[1200];

    if (strstr(reason, "access_denied"))
        snprintf(text, sizeof(text), "access was denied in the browser (%s)", reason);
    else
        snprintf(text, sizeof(text), "%s did not grant access: %s",
            integration_name(s->integration_type), reason);
    set_text(&s->refusal, reason);
    end_failed(s, event, SESSION_DENIED, text, effects);
}

static void on_status(
    struct session *s, const struct session_event *event, struct session_effects *effects)
{
    switch (event->status->status) {
    case API_SESSION_PENDING:
        clear_trouble(s, effects);
        s->seen_at = event->now;
        schedule(s, event, pace(s, event), effects);
        break;
    case API_SESSION_COMPLETE:
        s->renewed = event->known_before ? SESSION_RENEWED_YES : SESSION_RENEWED_UNKNOWN;
        end_complete(s, event, event->status->connection_id, effects);
        break;
    case API_SESSION_ERROR:
        end_refused(s, event, event->status->error, effects);
        break;
    }
}

/*
 * The server has no such session and the workspace no such connection. Failed sessions are kept for
 * two minutes, so one that was pending more recently than that has not failed: it has expired. Of
 * one that was not watched that closely nothing is known.
 */
static void end_gone(
    struct session *s, const struct session_event *event, struct session_effects *effects)
{
    if (event->now - s->seen_at < SESSION_FAILED_KEPT_USEC)
        end_failed(s, event, SESSION_EXPIRED, "nobody approved it in the browser before it expired",
            effects);
    else
        end_failed(s, event, SESSION_UNKNOWN,
            "it was denied or has expired, and no account was connected: Airstore no longer knows "
            "which",
            effects);
}

/* The connection that came of the session: of its integration, and touched since it began. */
static const struct api_connection *find_connection(
    const struct session *s, const struct api_connections *connections)
{
    for (size_t i = 0; i < connections->n; i++) {
        const struct api_connection *c = &connections->items[i];
        if (streq(c->integration_type, s->integration_type) && c->updated_at_usec >= s->began_at)
            return c;
    }
    return NULL;
}

/* One line a change and not one a try: texts differ in milliseconds and request ids. */
static void set_trouble(
    struct session *s, const struct api_error *error, struct session_effects *effects)
{
    int kind = (int)error->class * 1000 + error->status;

    s->failures++;
    if (s->trouble && s->trouble_kind == kind)
        return;
    s->trouble_kind = kind;
    set_text(&s->trouble, error->message ? error->message : api_error_class_name(error->class));
    effects->changed = true;
}

static void on_transient_error(struct session *s, const struct session_event *event,
    const struct api_error *error, struct session_effects *effects)
{
    int64_t delay = api_retry_delay_usec(s->failures, error->retry_after_usec, event->random);
    int64_t left = s->deadline + SESSION_GRACE_USEC - event->now;

    if (left < 0) {
        end_failed(s, event, SESSION_UNKNOWN,
            "Airstore could not be asked before it expired: "
            "look with 'airstore-oauth list --refresh' whether the account was connected",
            effects);
        return;
    }
    set_trouble(s, error, effects);
    if (delay > left) /* who wants to be left alone for longer is asked once more at the end */
        delay = left;
    if (error->retry_after_usec >= 0)
        s->not_before = event->now + delay;
    else if (delay < pace(s, event))
        delay = pace(s, event);
    schedule(s, event, delay, effects);
}

static void on_listed(
    struct session *s, const struct session_event *event, struct session_effects *effects)
{
    const struct api_connection *connection = find_connection(s, event->connections);

    if (!connection) {
        /* It may be one that could not be read. */
        if (event->connections->problem.class != API_ERROR_NONE)
            on_transient_error(s, event, &event->connections->problem, effects);
        else
            end_gone(s, event, effects);
        return;
    }
    if (connection->created_at_usec >= 0)
        s->renewed =
            connection->created_at_usec < s->began_at ? SESSION_RENEWED_YES : SESSION_RENEWED_NO;
    end_complete(s, event, connection->connection_id, effects);
}

/* The session is gone at the server: the workspace's connections may show what became of it. */
static void look(
    struct session *s, const struct session_event *event, struct session_effects *effects)
{
    if (!s->workspace_id && event->learned_workspace_id)
        set_text(&s->workspace_id, event->learned_workspace_id);
    if (!s->workspace_id) {
        end_failed(s, event, SESSION_UNKNOWN,
            "Airstore no longer knows it, and which workspace it was for is not known here: "
            "look with 'airstore-oauth list --refresh -w WORKSPACE'",
            effects);
        return;
    }
    s->state = SESSION_LOOKING;
    clear_trouble(s, effects);
    send_request(s, effects);
}

/* Only what cannot succeed any more ends a session; whatever else a server or a proxy on the way
 * answers may be another thing the next time. */
static void on_ask_failed(
    struct session *s, const struct session_event *event, struct session_effects *effects)
{
    const struct api_error *error = event->request_error;
    enum session_failure failure = SESSION_UNAUTHORIZED;
    const char *advice;
    char text[1400];

    switch (error->class) {
    case API_ERROR_NOT_FOUND:
        if (s->state == SESSION_PENDING) {
            look(s, event, effects);
            return;
        }
        failure = SESSION_UNKNOWN;
        advice = "; check the workspace";
        break;
    case API_ERROR_AUTHENTICATION:
        advice = "; check the API key";
        break;
    case API_ERROR_PERMISSION:
        advice = "; check what the API key is allowed to do";
        break;
    default:
        on_transient_error(s, event, error, effects);
        return;
    }
    snprintf(text, sizeof(text), "Airstore refused to say what became of it: %s%s",
        error->message ? error->message : api_error_class_name(error->class), advice);
    end_failed(s, event, failure, text, effects);
}

static void on_hint(
    struct session *s, const struct session_event *event, struct session_effects *effects)
{
    s->hinted = true;
    if (s->asking)
        return;
    if (event->now >= s->not_before)
        send_request(s, effects);
    else
        s->wake_at = s->not_before;
}

static void on_interval(
    struct session *s, const struct session_event *event, struct session_effects *effects)
{
    s->interval = event->interval;
    /* A new waiter shortens the pause; a server that asked for one, or is in trouble, is left
     * alone. */
    if (!s->asking && s->failures == 0 && s->wake_at > event->now + pace(s, event))
        s->wake_at = event->now + pace(s, event);
}

struct session_effects session_handle(struct session *s, const struct session_event *event)
{
    struct session_effects effects = {0};

    if (session_is_over(s))
        return effects;

    switch (event->type) {
    case SESSION_EVENT_START:
        s->seen_at = event->now;
        schedule(s, event, pace(s, event), &effects);
        break;
    case SESSION_EVENT_TIME:
        if (!s->asking && event->now >= s->wake_at)
            send_request(s, &effects);
        break;
    case SESSION_EVENT_HINT:
        on_hint(s, event, &effects);
        break;
    case SESSION_EVENT_RETURN:
        effects.changed = !s->returned;
        s->returned = true;
        on_hint(s, event, &effects);
        break;
    case SESSION_EVENT_WAKE:
        s->asking = false;
        on_hint(s, event, &effects);
        break;
    case SESSION_EVENT_INTERVAL:
        on_interval(s, event, &effects);
        break;
    case SESSION_EVENT_STATUS:
        on_status(s, event, &effects);
        break;
    case SESSION_EVENT_ASK_FAILED:
        on_ask_failed(s, event, &effects);
        break;
    case SESSION_EVENT_LISTED:
        on_listed(s, event, &effects);
        break;
    case SESSION_EVENT_CANCEL:
        end_failed(s, event, SESSION_CANCELLED, "it was cancelled on this computer", &effects);
        break;
    }
    return effects;
}

const char *session_status_name(const struct session *session)
{
    switch (session->state) {
    case SESSION_PENDING:
    case SESSION_LOOKING:
        return "pending";
    case SESSION_COMPLETE:
        return "complete";
    case SESSION_FAILED:
        break;
    }
    return "error";
}

const char *session_failure_name(enum session_failure failure)
{
    switch (failure) {
    case SESSION_NOT_FAILED:
        return NULL;
    case SESSION_DENIED:
        return "denied";
    case SESSION_EXPIRED:
        return "expired";
    case SESSION_CANCELLED:
        return "cancelled";
    case SESSION_UNAUTHORIZED:
        return "unauthorized";
    case SESSION_UNKNOWN:
        break;
    }
    return "unknown";
}

struct session *session_free(struct session *session)
{
    if (!session)
        return NULL;
    free(session->session_id);
    free(session->integration_type);
    free(session->profile);
    free(session->base_url);
    free(session->workspace_id);
    free(session->return_to);
    secret_free(session->callback);
    secret_free(session->authorize_url);
    free(session->trouble);
    free(session->connection_id);
    free(session->error);
    free(session->refusal);
    free(session);
    return NULL;
}
