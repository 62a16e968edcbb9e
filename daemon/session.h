/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One OAuth session as a state machine without I/O: an event goes in, what is to be done comes out.
 * Knows no clock and draws no random numbers either; both come with the event. sessions.c does what
 * this file decides.
 *
 *               404               not among the connections
 *     PENDING ------> LOOKING ------------------------------> FAILED (expired, unknown)
 *        |               |
 *        | complete      | among the connections of the workspace
 *        |               v
 *        +----------> COMPLETE
 *        |
 *        | error, cancelled, key refused
 *        +----------> FAILED (denied, cancelled, unauthorized, unknown)
 */

#include "lib/api/response.h"

#include <stdbool.h>
#include <stdint.h>

/* How long the server keeps sessions: while pending, and after they failed. */
#define SESSION_LIFETIME_USEC ((int64_t)10 * 60 * 1000000)
#define SESSION_FAILED_KEPT_USEC ((int64_t)2 * 60 * 1000000)

/* How often the server is asked while nobody waits, unless the event says otherwise. */
#define SESSION_INTERVAL_IDLE_USEC ((int64_t)10 * 1000000)

/* How long after its end a session is given up that Airstore cannot be asked about. */
#define SESSION_GRACE_USEC ((int64_t)60 * 1000000)

enum session_state { SESSION_PENDING, SESSION_LOOKING, SESSION_COMPLETE, SESSION_FAILED };

enum session_failure {
    SESSION_NOT_FAILED,
    SESSION_DENIED,
    SESSION_EXPIRED,
    SESSION_CANCELLED,
    SESSION_UNKNOWN,
    SESSION_UNAUTHORIZED,
};

enum session_renewed { SESSION_RENEWED_UNKNOWN, SESSION_RENEWED_NO, SESSION_RENEWED_YES };

struct session {
    /* What it is; never changes. Strings are owned. */
    char *session_id, *integration_type;
    char *profile;      /* whose key it was created with; NULL for the default */
    char *base_url;     /* of the server that it was created at; NULL when that is not known */
    char *workspace_id; /* NULL when it follows from the API key, until it is learned */
    char *return_to;    /* where the program wants the browser to end up, or NULL */
    char *callback;     /* our own URL that the browser comes back to, or NULL when it does not */
    int64_t created_at, expires_at; /* since 1970: what people are told */
    int64_t began_at;    /* the same by the server's clock, to compare with its time stamps */
    int64_t deadline;    /* of CLOCK_BOOTTIME: when the server forgets it */
    bool browser_opened; /* by us, or by an earlier run of us */

    /* Where it stands. Changed by session_handle() only. */
    enum session_state state;
    char *authorize_url; /* while pending; erased at the end */
    char *trouble;       /* what keeps the server from being asked, or NULL */
    char *connection_id; /* once complete */
    enum session_renewed renewed;
    enum session_failure failure;
    char *error;   /* once failed, for people */
    char *refusal; /* once denied: Airstore's own words for it; never stored */
    int64_t ended_at;

    /* The pace, of CLOCK_BOOTTIME. */
    int64_t interval;   /* of the least patient waiter; 0 when nobody waits */
    int64_t wake_at;    /* when session_handle() wants a SESSION_EVENT_TIME; INT64_MAX for never */
    int64_t seen_at;    /* when the server last said that it is pending */
    unsigned failures;  /* requests in a row that failed */
    int trouble_kind;   /* tells one trouble from another, whatever its text */
    int64_t not_before; /* the server wants to be left alone until then */
    bool asking;        /* a request is under way */
    bool hinted;        /* ask once more as soon as it is back */
    bool returned;      /* the browser has come back from Airstore, which proves nothing */
};

enum session_event_type {
    SESSION_EVENT_START,  /* created, or loaded after a restart */
    SESSION_EVENT_TIME,   /* wake_at has come */
    SESSION_EVENT_HINT,   /* now is a good moment to ask: the browser came back, the network did */
    SESSION_EVENT_RETURN, /* the same: the browser came back */
    SESSION_EVENT_WAKE,   /* the same, and a request that is under way is given up */
    SESSION_EVENT_INTERVAL,   /* waiters came or went: interval */
    SESSION_EVENT_STATUS,     /* the server's answer about the session: status */
    SESSION_EVENT_ASK_FAILED, /* it could not be asked: request_error */
    SESSION_EVENT_LISTED,     /* the server's answer about the connections: connections */
    SESSION_EVENT_CANCEL,
};

struct session_event {
    enum session_event_type type;
    int64_t now;           /* CLOCK_BOOTTIME */
    int64_t realtime;      /* since 1970 */
    int64_t idle_interval; /* how often to ask while nobody waits; 0: SESSION_INTERVAL_IDLE_USEC */
    uint32_t random;
    union {
        int64_t interval;
        struct {
            const struct api_session *status;
            bool known_before; /* its connection was there before the session ended */
        };
        struct {
            const struct api_error *request_error;
            const char *learned_workspace_id; /* that of all connections that are known, or NULL */
        };
        const struct api_connections *connections;
    };
};

/* What is to be done now. wake_at may have moved as well. */
struct session_effects {
    bool ask;     /* send the request for its status */
    bool urgent;  /* and before those of others: a person is waiting */
    bool look;    /* send the request for the workspace's connections */
    bool changed; /* others see it differently now */
    bool ended;   /* it is complete or failed from now on: store it, then tell */
};

/* Out of memory leaves a text out, never a state. */
struct session_effects session_handle(struct session *session, const struct session_event *event);

static inline bool session_is_over(const struct session *session)
{
    return session->state == SESSION_COMPLETE || session->state == SESSION_FAILED;
}

/* The words of the interface. */
const char *session_status_name(const struct session *session);
const char *session_failure_name(enum session_failure failure);

/* Erases and frees. Returns NULL. */
struct session *session_free(struct session *session);
DEFINE_CLEANUP(struct session *, session_free);
