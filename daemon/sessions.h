/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * All sessions: runs the state machine of each (session.h) with real clocks and requests, stores
 * what must not be lost, and tells those who wait. How a session comes to be is the matter of
 * creation.h.
 */

#include "daemon/callback.h"
#include "daemon/config.h"
#include "daemon/connections.h"
#include "daemon/net/http.h"
#include "daemon/session.h"
#include "daemon/store/store.h"

#include <systemd/sd-event.h>

/* How long ended sessions are remembered, and how many of them. */
#define SESSIONS_ENDED_MAX 1000
#define SESSIONS_KEPT_USEC ((int64_t)30 * 24 * 3600 * 1000000)

struct sessions;
struct session_waiter;

/* Everything that sessions work with; borrowed for their life. */
struct sessions_context {
    sd_event *event;
    struct http *http;
    struct callbacks *callbacks;
    struct store *store;
    struct connections *connections;
    const struct config *config;
    /* Told after a session has changed; and when there are pending ones from now on, or none any
     * more. */
    void (*changed)(const struct session *session, void *userdata);
    void (*pending)(bool any, void *userdata);
    /* One has ended while no program waited for it: nobody has told the person yet. */
    void (*ended_alone)(const struct session *session, void *userdata);
    /* The key of a profile is in the keyring, and is needed. Returns whether the keyring is being
     * asked; sessions_wake() has to follow when it has answered. */
    bool (*want_key)(const struct profile *profile, void *userdata);
    void *userdata;
};

/* 0 or negative errno. */
int sessions_new(const struct sessions_context *context, struct sessions **ret);
/* Waiters are dropped without a word. Returns NULL. */
struct sessions *sessions_free(struct sessions *sessions);

/*
 * Takes over a session that Airstore has created, with its callback (or NULL). It is stored before
 * this returns. 0 or negative errno.
 */
int sessions_add(struct sessions *sessions, struct session *session, struct callback *callback);
/* Takes over a session of an earlier run. Those that are pending go on: as soon as there is a
 * configuration that says where, see sessions_go_on(). */
void sessions_restore(struct sessions *sessions, struct session *session);
/* There is one now. */
void sessions_go_on(struct sessions *sessions);

/* All borrowed, until the loop runs again. NULL when there is none. */
const struct session *sessions_find(const struct sessions *sessions, const char *session_id);
/* At the server of the profile. */
const struct session *sessions_find_pending(const struct sessions *sessions,
    const struct profile *profile, const char *integration_type, const char *workspace_id_or_null);
/* The newest first. */
int sessions_each(const struct sessions *sessions,
    int (*handler)(const struct session *session, void *userdata), void *userdata);
/* Stores all of them once more, into a file that lacks something. */
void sessions_save_all(struct sessions *sessions);
unsigned sessions_pending(const struct sessions *sessions);

/* The network came back, or the machine woke up: a good moment to ask about all that are pending.
 */
void sessions_wake(struct sessions *sessions);

/* A browser was opened for it. */
void sessions_set_browser_opened(struct sessions *sessions, const char *session_id);

/* Whether anybody waits for it. */
bool sessions_is_awaited(const struct sessions *sessions, const char *session_id);

/* 0, also when it has ended already, or -ENOENT. */
int sessions_cancel(struct sessions *sessions, const char *session_id);

enum session_wait_result {
    SESSION_WAIT_CHANGED,   /* and more to come */
    SESSION_WAIT_ENDED,     /* final */
    SESSION_WAIT_TIMED_OUT, /* final */
};

/*
 * Waits for a session that is pending. The handler runs for each change, and for the end, which
 * makes the waiter invalid. Times in microseconds. 0, -ENOENT, or another negative errno.
 */
typedef void (*session_waiter_handler)(
    enum session_wait_result result, const struct session *session, void *userdata);
int sessions_wait(struct sessions *sessions, const char *session_id, int64_t timeout,
    int64_t interval, session_waiter_handler handler, void *userdata, struct session_waiter **ret);
/* No longer interested. Returns NULL; NULL is fine. */
struct session_waiter *session_waiter_free(struct session_waiter *waiter);
