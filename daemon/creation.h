/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * From a program's wish to a pending session with its browser opened: the checks, the request to
 * Airstore, the way back, the browser. Programs that wish for the same at the same time share one
 * session and one browser tab.
 */

#include "daemon/sessions.h"

struct creations;

/* What creations work with; borrowed for their life. */
struct creations_context {
    sd_event *event;
    struct http *http;
    struct callbacks *callbacks;
    const struct config *config;
    struct sessions *sessions;
    /* A browser was to be opened for one, and could not be. */
    void (*browser_failed)(const struct session *session, void *userdata);
    void *userdata;
};

struct session_wish {
    const struct profile *profile;
    const char *integration_type; /* a valid one */
    const char *workspace_id;     /* or NULL: the default, or what the API key says */
    const char *return_to;        /* or NULL */
    bool open_browser, always_new;
};

enum creation_result {
    CREATION_DONE,
    CREATION_INVALID_INTEGRATION,
    CREATION_NOT_CONFIGURED,
    CREATION_TOO_MANY, /* pending sessions */
    CREATION_API_ERROR,
    CREATION_NO_MEMORY, /* or the daemon is about to end */
};

/* Everything is borrowed while the handler runs. */
struct creation_outcome {
    enum creation_result result;
    const struct session *session;     /* when done; it may have ended already */
    bool existing;                     /* when done: another wish has begun it, and it goes on */
    bool browser_opened;               /* when done */
    const char *browser_problem;       /* when done: why it was not opened, or NULL */
    const char *warning;               /* when done, or NULL */
    const char *message;               /* INVALID_INTEGRATION, NOT_CONFIGURED: why, for people */
    const struct api_error *api_error; /* with an API error */
};
typedef void (*creation_handler)(const struct creation_outcome *outcome, void *userdata);

/* 0 or -ENOMEM. */
int creations_new(const struct creations_context *context, struct creations **ret);
/* What is under way fails. Returns NULL. */
struct creations *creations_free(struct creations *creations);

/* Whether any is under way. */
bool creations_running(const struct creations *creations);

/* The handler runs exactly once, at once or later. */
void creation_start(struct creations *creations, const struct session_wish *wish,
    creation_handler handler, void *userdata);
