/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the files of sessions.h share: a session as it is kept, with what is under way for it.
 * sessions.c runs the state machines, sessions-ask.c asks Airstore about one, sessions-wait.c has
 * those who wait for one.
 */

#include "daemon/sessions.h"

struct entry {
    struct entry *previous, *next; /* the newest first */
    struct sessions *sessions;
    struct session *session;
    struct callback
        *callback; /* NULL when the browser does not come back here, and once it has ended */
    struct http_request *request; /* the one that session->asking speaks of */
    uint64_t moment;              /* of connections_moment(), when it was sent */
    sd_event_source *timer;       /* for session->wake_at; NULL once it has ended */
    struct session_waiter *waiters;
    bool suspended; /* has not gone on after a restart yet: nobody knows whom to ask */
};

struct session_waiter {
    struct session_waiter *previous, *next;
    struct entry *entry;
    int64_t interval;
    sd_event_source *timeout;
    session_waiter_handler handler;
    void *userdata;
};

struct sessions {
    struct sessions_context context;
    struct entry *all;
    struct lh_table *by_id; /* borrows key and value from the entry */
    unsigned n_pending;
};

/* NULL when there is none of this ID. */
struct entry *sessions_entry(const struct sessions *sessions, const char *session_id);

/* Runs the state machine, and does what comes of it: the entry may be gone afterwards. */
void entry_handle(struct entry *entry, struct session_event *event);

/* Asks Airstore about the session, or looks for it among the connections. The answer goes to
 * entry_handle(). */
void entry_ask(struct entry *entry, bool look, bool urgent);

/* The session is asked about at the pace of the least patient of those who wait. */
void entry_update_interval(struct entry *entry);

/* It has ended: tells all of them. */
void entry_release_waiters(struct entry *entry);
