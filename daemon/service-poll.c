/* SPDX-License-Identifier: MIT */

/* The method that waits for one session: Poll. */

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
