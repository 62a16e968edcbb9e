/* SPDX-License-Identifier: MIT */

/* The methods that take their time: Poll, which waits for one session, and Watch, which tells of
 * everything. */

#include "daemon/list.h"
#include "daemon/service-methods.h"

#include <errno.h>

#define MSEC ((int64_t)1000)

/* Poll */

#define POLL_TIMEOUT_MAX_MSEC ((int64_t)24 * 3600 * 1000)
#define POLL_INTERVAL_MIN_MSEC ((int64_t)100)
#define POLL_INTERVAL_MAX_MSEC ((int64_t)3600 * 1000)

struct poll_parameters {
    const char *session_id;
    int64_t timeout, interval;
};

static const struct json_field poll_fields[] = {
    {"session_id", JSON_STRING, offsetof(struct poll_parameters, session_id), true},
    {"timeout", JSON_INTEGER, offsetof(struct poll_parameters, timeout), false},
    {"interval", JSON_INTEGER, offsetof(struct poll_parameters, interval), false},
    {0},
};

/* As in the SDK. */
static const struct poll_parameters poll_defaults = {.timeout = 300000, .interval = 2000};

struct poller {
    struct varlink_call *call;
    struct session_waiter *waiter;
    int64_t timeout;
};

static void reply_ended(struct varlink_call *call, const struct session *session)
{
    if (session->state == SESSION_COMPLETE) {
        service_reply(call, wire_object("session", wire_session(session, true)));
        return;
    }
    struct json_object *parameters =
        wire_object("failure", json_object_new_string(session_failure_name(session->failure)));
    if (parameters &&
        json_add_string(parameters, "message", session->error ? session->error : "") < 0) {
        json_object_put(parameters);
        parameters = NULL;
    }
    service_fail(call, SERVICE_ERROR("AuthorizationFailed"), parameters);
}

/* The state on the way, for those who want to see it. */
static void reply_changed(struct varlink_call *call, const struct session *session)
{
    struct json_object *parameters;

    if (!varlink_call_more(call))
        return;
    parameters = wire_object("session", wire_session(session, true));
    if (parameters) /* else the next one may fit into memory */
        varlink_call_reply_more(call, parameters);
}

static void on_poll(enum session_wait_result result, const struct session *session, void *userdata)
{
    struct poller *poller = userdata;

    switch (result) {
    case SESSION_WAIT_CHANGED:
        reply_changed(poller->call, session);
        return;
    case SESSION_WAIT_ENDED:
        reply_ended(poller->call, session);
        break;
    case SESSION_WAIT_TIMED_OUT:
        service_fail(poller->call, SERVICE_ERROR("TimedOut"),
            wire_object("timeout", json_object_new_int64(poller->timeout)));
        break;
    }
    free(poller);
}

static void on_poll_hangup(struct varlink_call *call, void *userdata)
{
    struct poller *poller = userdata;

    session_waiter_free(poller->waiter);
    free(poller);
    varlink_call_abandon(call);
}

static void poll_session(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct poll_parameters *p = parameters;
    struct service *service = userdata;
    const struct session *session = sessions_find(service->sessions, p->session_id);

    if (p->timeout < 0 || p->timeout > POLL_TIMEOUT_MAX_MSEC) {
        varlink_call_fail_parameter(call, "timeout");
        return;
    }
    if (p->interval < POLL_INTERVAL_MIN_MSEC || p->interval > POLL_INTERVAL_MAX_MSEC) {
        varlink_call_fail_parameter(call, "interval");
        return;
    }
    if (!session) {
        service_fail_with(call, SERVICE_ERROR("NoSuchSession"), "session_id", p->session_id);
        return;
    }
    if (session_is_over(session)) {
        reply_ended(call, session);
        return;
    }
    struct poller *poller = calloc(1, sizeof(*poller));
    if (!poller || sessions_wait(service->sessions, p->session_id, p->timeout * MSEC,
                       p->interval * MSEC, on_poll, poller, &poller->waiter) < 0) {
        free(poller);
        varlink_call_abandon(call);
        return;
    }
    poller->call = call;
    poller->timeout = p->timeout;
    varlink_call_on_hangup(call, on_poll_hangup, poller);
    reply_changed(call, session);
}

const struct varlink_method service_poll = {
    .name = "Poll",
    .parameters = poll_fields,
    .defaults = &poll_defaults,
    .size = sizeof(struct poll_parameters),
    .restricted = true,
    .handle = poll_session,
};

/* Watch */

struct watcher {
    struct watcher *previous, *next;
    struct service *service;
    struct varlink_call *call;
};

static void on_watch_hangup(struct varlink_call *call, void *userdata)
{
    struct watcher *watcher = userdata;

    LIST_REMOVE(watcher->service->watchers, watcher);
    free(watcher);
    varlink_call_abandon(call);
}

static void send_to(struct watcher *watcher, const char *name, struct json_object *value)
{
    struct json_object *parameters = wire_object(name, value);

    if (parameters)
        varlink_call_reply_more(watcher->call, parameters);
}

static int send_session(const struct session *session, void *userdata)
{
    struct watcher *watcher = userdata;

    send_to(watcher, "session", wire_session(session, !varlink_call_restricted(watcher->call)));
    return 0;
}

static int send_connection(const struct api_connection *connection, void *userdata)
{
    send_to(userdata, "connection", wire_connection(connection));
    return 0;
}

static void watch(struct varlink_call *call, const void *parameters, void *userdata)
{
    struct service *service = userdata;
    struct watcher *watcher = calloc(1, sizeof(*watcher));

    if (!watcher) {
        varlink_call_abandon(call);
        return;
    }
    watcher->service = service;
    watcher->call = call;
    LIST_ADD(service->watchers, watcher);
    varlink_call_on_hangup(call, on_watch_hangup, watcher);
    (void)connections_each(service->connections, send_connection, watcher);
    (void)sessions_each(service->sessions, send_session, watcher);
    varlink_call_reply_more(call, NULL); /* from here on, it is news */
}

const struct varlink_method service_watch = {
    .name = "Watch",
    .more_only = true,
    .handle = watch,
};

void service_session_changed(struct service *service, const struct session *session)
{
    LIST_FOREACH (watcher, service->watchers)
        (void)send_session(session, watcher);
}

void service_connection_known(struct service *service, const struct api_connection *connection)
{
    LIST_FOREACH (watcher, service->watchers)
        (void)send_connection(connection, watcher);
}

void service_connection_deleted(struct service *service, const char *connection_id)
{
    LIST_FOREACH (watcher, service->watchers)
        send_to(watcher, "deleted_connection_id", json_object_new_string(connection_id));
}
