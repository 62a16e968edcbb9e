/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The OAuth sessions: found by their ID (the API) and by their state (the provider's redirect), and
 * gone when their time is over. A pending, a complete and a failed session live differently long.
 */

#include "tests/sandbox/random.h"

#include <json-c/json.h>
#include <stdint.h>
#include <sys/queue.h>

struct provider;

/* More are refused. */
#define SESSIONS_MAX 100000

enum session_status { SESSION_PENDING, SESSION_COMPLETE, SESSION_ERROR, SESSION_STATUSES };

struct session_lifetimes {
    int64_t usec[SESSION_STATUSES]; /* how long a session stays in each status */
};

struct session {
    char id[UUID_SIZE];
    char state[TOKEN_SIZE]; /* "" once the redirect has come: it counts one time */
    char code[TOKEN_SIZE];  /* "" until the person has approved */
    enum session_status status;
    const struct provider *provider;
    char *workspace_id;
    char *return_to;     /* NULL when none was given */
    char *connection_id; /* set when complete */
    char *error;         /* set when failed */

    int64_t ends_usec; /* of CLOCK_BOOTTIME */
    TAILQ_ENTRY(session) link;
};

struct sessions;

/* 0 or -ENOMEM. */
int sessions_new(const struct session_lifetimes *lifetimes, struct sessions **ret);
struct sessions *sessions_free(struct sessions *sessions);

/* The session stays owned by the sessions. 0, -ENOMEM, or -ENOSPC when there are SESSIONS_MAX. */
int sessions_add(struct sessions *sessions, const struct provider *provider,
    const char *workspace_id, const char *return_to_or_null, struct session **ret);

/* NULL when there is none, or none any more. Borrowed until the next call of any of these. */
struct session *sessions_find(struct sessions *sessions, const char *id);
struct session *sessions_find_state(struct sessions *sessions, const char *state);

/* From pending to complete or failed; the state is used up. 0, or -ENOMEM with nothing changed. */
int sessions_complete(
    struct sessions *sessions, struct session *session, const char *connection_id);
int sessions_fail(struct sessions *sessions, struct session *session, const char *error);

void sessions_remove(struct sessions *sessions, struct session *session);

const char *session_status_name(enum session_status status);

/* All of them as an array for people who look from outside. NULL when memory is short. */
struct json_object *sessions_describe(struct sessions *sessions);
