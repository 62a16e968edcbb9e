/* SPDX-License-Identifier: MIT */
#include "daemon/creation.h"

#include "daemon/desktop/client.h"
#include "daemon/list.h"
#include "daemon/log.h"
#include "lib/api/integration.h"
#include "lib/api/retry.h"
#include "lib/base/timestamp.h"
#include "lib/base/url.h"

#include <errno.h>
#include <stdio.h>

#define CREATE_TIMEOUT_USEC ((int64_t)20 * 1000000)

/* Somebody who wished for the session of a creation. */
struct wisher {
    struct wisher *previous, *next;
    creation_handler handler;
    void *userdata;
};

/* One request for a session, until its browser is opened. */
struct creation {
    struct creation *previous, *next;
    struct creations *creations;
    char *profile, *integration_type, *workspace_id, *return_to;
    char *base_url; /* of the server that is asked for it */
    bool open_browser;
    bool existing;   /* the session was there before */
    int64_t sent_at; /* CLOCK_BOOTTIME */
    struct callback *callback;
    struct http_request *request;
    struct desktop_request *launch;
    char *session_id; /* once it exists */
    char *warning;
    struct wisher *wishers;
};

struct creations {
    struct creations_context context;
    struct creation *all;
};

static void creation_free(struct creation *creation)
{
    LIST_REMOVE(creation->creations->all, creation);
    LIST_FOREACH_SAFE (wisher, creation->wishers)
        free(wisher);
    creation->callback = callback_discard(creation->callback);
    http_cancel(creation->request);
    desktop_forget(creation->launch);
    free(creation->profile);
    free(creation->base_url);
    free(creation->integration_type);
    free(creation->workspace_id);
    free(creation->return_to);
    free(creation->session_id);
    free(creation->warning);
    free(creation);
}

/* Everybody who wished for it hears the same, but that only the first has begun it. */
static void conclude(struct creation *creation, const struct creation_outcome *outcome)
{
    while (creation->wishers) {
        struct wisher *wisher = creation->wishers;
        struct creation_outcome told = *outcome;
        told.existing |= wisher->next != NULL;
        LIST_REMOVE(creation->wishers, wisher);
        wisher->handler(&told, wisher->userdata);
        free(wisher);
    }
    creation_free(creation);
}

static void conclude_failed(
    struct creation *creation, enum creation_result result, const char *message)
{
    conclude(creation, &(struct creation_outcome){.result = result, .message = message});
}

/* The browser */

static void conclude_done(struct creation *creation, bool opened, const char *problem)
{
    const struct session *session =
        sessions_find(creation->creations->context.sessions, creation->session_id);

    if (!session) { /* forgotten meanwhile: cannot be, ended sessions are kept for days */
        conclude_failed(creation, CREATION_NO_MEMORY, NULL);
        return;
    }
    conclude(creation, &(struct creation_outcome){
                           .result = CREATION_DONE,
                           .session = session,
                           .existing = creation->existing,
                           .browser_opened = opened,
                           .browser_problem = problem,
                           .warning = creation->warning,
                       });
}

static void on_browser(const char *problem, void *userdata)
{
    struct creation *creation = userdata;
    const struct creations_context *context = &creation->creations->context;
    const struct session *session = sessions_find(context->sessions, creation->session_id);

    creation->launch = NULL;
    if (problem && session) {
        log_session(LOG_INFO, LOG_OTHER, session, "No browser could be opened: %s", problem);
        context->browser_failed(session, context->userdata);
    }
    if (!problem)
        sessions_set_browser_opened(context->sessions, creation->session_id);
    conclude_done(creation, !problem, problem);
}

static void open_browser(struct creation *creation)
{
    const struct creations_context *context = &creation->creations->context;
    const struct session *session = sessions_find(context->sessions, creation->session_id);

    if (!creation->open_browser || !session || !session->authorize_url) {
        conclude_done(creation, false, NULL);
        return;
    }
    if (desktop_open_url(context->event, creation->profile, session->authorize_url, on_browser,
            creation, &creation->launch) < 0)
        on_browser(DESKTOP_NO_HELPER, creation);
}

/* The request */

static struct session *make_session(
    struct creation *creation, struct api_created_session *created, const struct api_reply *reply)
{
    _cleanup_(session_freep) struct session *s = calloc(1, sizeof(*s));
    int64_t elapsed = timestamp_now(CLOCK_BOOTTIME) - creation->sent_at;

    if (!s)
        return NULL;
    s->session_id = TAKE_PTR(created->session_id);
    s->authorize_url = TAKE_PTR(created->authorize_url);
    s->integration_type = strdup(creation->integration_type);
    if (!s->integration_type || string_replace(&s->profile, creation->profile) < 0 ||
        string_replace(&s->base_url, creation->base_url) < 0 ||
        string_replace(&s->workspace_id, creation->workspace_id) < 0 ||
        string_replace(&s->return_to, creation->return_to) < 0 ||
        (creation->callback && string_replace(&s->callback, callback_url(creation->callback)) < 0))
        return NULL;
    /* The server began to count somewhere between our request and its reply. */
    s->created_at = timestamp_now(CLOCK_REALTIME) - elapsed;
    s->expires_at = s->created_at + SESSION_LIFETIME_USEC;
    s->deadline = creation->sent_at + SESSION_LIFETIME_USEC;
    s->began_at = reply->date_usec >= 0 ? reply->date_usec - elapsed : s->created_at;
    s->wake_at = INT64_MAX;
    return TAKE_PTR(s);
}

static void on_created(const struct api_reply *reply, void *userdata)
{
    _cleanup_api_error_ struct api_error error = {0};
    struct creation *creation = userdata;
    struct api_created_session created = {0};

    creation->request = NULL;
    if (api_parse_created_session(reply, &created, &error) < 0) {
        log_warning("Airstore created no session: %s%s%s",
            error.message ? error.message : "out of memory",
            error.request_id[0] ? ", request " : "", error.request_id);
        conclude(creation,
            &(struct creation_outcome){.result = CREATION_API_ERROR, .api_error = &error});
        return;
    }

    _cleanup_(session_freep) struct session *session = make_session(creation, &created, reply);
    api_created_session_clear(&created);
    int r = session ? string_replace(&creation->session_id, session->session_id) : -ENOMEM;
    if (r >= 0)
        r = sessions_add(creation->creations->context.sessions, session, creation->callback);
    if (r < 0) {
        conclude_failed(creation, CREATION_NO_MEMORY, NULL);
        return;
    }
    /* Both belong to sessions.c now. */
    creation->callback = NULL;
    session = NULL;
    log_about(LOG_INFO, LOG_SESSION_STARTED,
        &(const struct log_subject){
            creation->session_id, creation->integration_type, creation->workspace_id},
        "connecting %s", integration_name(creation->integration_type));
    open_browser(creation);
}

/* Where Airstore sends the browser: to us when it is opened here, else to where the program wants
 * it. */
static const char *choose_return_to(struct creation *creation)
{
    const struct creations_context *context = &creation->creations->context;
    const struct callback_subject subject = {
        creation->profile, creation->integration_type, creation->workspace_id, creation->return_to};

    if (!creation->open_browser)
        return creation->return_to;
    int r = callback_open(context->callbacks, &subject, NULL, &creation->callback);
    if (r < 0) {
        log_warning("No port for the browser to come back to (%s): polling only", strerror(-r));
        return creation->return_to;
    }
    return callback_url(creation->callback);
}

static void send_request(struct creation *creation, const struct profile *profile)
{
    const struct creations_context *context = &creation->creations->context;
    struct api_request request = {0};
    const struct http_options options = {
        .api_key = profile->api_key,
        .timeout_usec = CREATE_TIMEOUT_USEC,
        .retries = API_DEFAULT_RETRIES,
        .urgent = true,
    };

    creation->sent_at = timestamp_now(CLOCK_BOOTTIME);
    int r = api_request_create_session(creation->base_url, creation->integration_type,
        creation->workspace_id, choose_return_to(creation), &request);
    if (r >= 0)
        r = http_send(context->http, &request, &options, on_created, creation, &creation->request);
    if (r < 0)
        conclude_failed(creation, CREATION_NO_MEMORY, NULL);
}

/* The wish */

/* They are going to be pending sessions, and count as such. */
static unsigned being_created(const struct creations *creations)
{
    unsigned n = 0;

    LIST_FOREACH (creation, creations->all)
        n += creation->request != NULL;
    return n;
}

/* Whether it can be asked for at all, before anything is sent. */
static bool check(struct creations *creations, const struct session_wish *wish,
    struct creation_outcome *outcome, char text[static CONFIG_TEXT_SIZE])
{
    const struct integration *integration = integration_find(wish->integration_type);
    const struct config *config = creations->context.config;

    if (integration && integration->authentication == INTEGRATION_API_KEY) {
        outcome->result = CREATION_INVALID_INTEGRATION;
        snprintf(text, CONFIG_TEXT_SIZE,
            "%s is connected with an API key, not in the browser: "
            "use 'airstore-oauth add %s --api-key-file FILE'",
            integration->name, integration->type);
    } else if (!wish->profile->api_key) {
        outcome->result = CREATION_NOT_CONFIGURED;
        (void)config_no_key(wish->profile, text);
    } else if (sessions_pending(creations->context.sessions) + being_created(creations) >=
               config->pending_sessions_max) {
        outcome->result = CREATION_TOO_MANY;
        return false; /* and there is nothing more to say */
    } else {
        return true;
    }
    outcome->message = text;
    return false;
}

static struct creation *find_running(struct creations *creations, const struct session_wish *wish)
{
    LIST_FOREACH (creation, creations->all) {
        if (streq_or_null(creation->profile, wish->profile->name) &&
            streq(creation->base_url, wish->profile->base_url) &&
            streq(creation->integration_type, wish->integration_type) &&
            streq_or_null(creation->workspace_id, wish->workspace_id))
            return creation;
    }
    return NULL;
}

static struct creation *creation_new(struct creations *creations, const struct session_wish *wish)
{
    struct creation *creation = calloc(1, sizeof(*creation));
    int r = 0;

    if (!creation)
        return NULL;
    creation->creations = creations;
    creation->open_browser = wish->open_browser;
    LIST_ADD(creations->all, creation);
    if (string_replace(&creation->profile, wish->profile->name) < 0 ||
        string_replace(&creation->base_url, wish->profile->base_url) < 0 ||
        string_replace(&creation->integration_type, wish->integration_type) < 0 ||
        string_replace(&creation->workspace_id, wish->workspace_id) < 0 ||
        string_replace(&creation->return_to, wish->return_to) < 0)
        r = -ENOMEM;
    if (r >= 0 && !integration_find(wish->integration_type) &&
        asprintf(&creation->warning,
            "the integration type '%s' is not known to this version of airstore-oauthd; "
            "Airstore decides whether it exists",
            wish->integration_type) < 0) {
        creation->warning = NULL;
        r = -ENOMEM;
    }
    if (r < 0) {
        creation_free(creation);
        return NULL;
    }
    if (creation->warning)
        log_warning("CreateSession: %s", creation->warning);
    return creation;
}

static int add_wisher(struct creation *creation, creation_handler handler, void *userdata)
{
    struct wisher *wisher = calloc(1, sizeof(*wisher));

    if (!wisher)
        return -ENOMEM;
    wisher->handler = handler;
    wisher->userdata = userdata;
    LIST_ADD(creation->wishers, wisher);
    return 0;
}

/* A session for this is pending already: it goes on. Its browser is opened if that was not done
 * before. */
static int go_on(struct creation *creation, const struct session *pending)
{
    if (string_replace(&creation->session_id, pending->session_id) < 0)
        return -ENOMEM;
    creation->existing = true;
    if (pending->browser_opened)
        conclude_done(creation, creation->open_browser, NULL);
    else
        open_browser(creation);
    return 0;
}

void creation_start(struct creations *creations, const struct session_wish *given,
    creation_handler handler, void *userdata)
{
    struct creation_outcome outcome = {0};
    struct session_wish wish = *given;
    const struct session *pending = NULL;
    struct creation *creation = NULL;
    char text[CONFIG_TEXT_SIZE];

    if (!wish.workspace_id)
        wish.workspace_id = wish.profile->workspace_id;
    if (!wish.always_new) {
        creation = find_running(creations, &wish);
        pending = sessions_find_pending(
            creations->context.sessions, wish.profile, wish.integration_type, wish.workspace_id);
    }
    if (creation && wish.open_browser)
        creation->open_browser =
            true;   /* whoever wants a browser gets one, also when it joins late */
    if (creation) { /* it is being created, or its browser opened */
        if (add_wisher(creation, handler, userdata) < 0)
            handler(&(struct creation_outcome){.result = CREATION_NO_MEMORY}, userdata);
        return;
    }
    if (!pending && !check(creations, &wish, &outcome, text)) {
        handler(&outcome, userdata);
        return;
    }

    creation = creation_new(creations, &wish);
    if (!creation || add_wisher(creation, handler, userdata) < 0) {
        if (creation)
            creation_free(creation);
        handler(&(struct creation_outcome){.result = CREATION_NO_MEMORY}, userdata);
    } else if (!pending) {
        send_request(creation, wish.profile);
    } else if (go_on(creation, pending) < 0) {
        conclude_failed(creation, CREATION_NO_MEMORY, NULL);
    }
}

bool creations_running(const struct creations *creations)
{
    return creations->all;
}

int creations_new(const struct creations_context *context, struct creations **ret)
{
    struct creations *creations = calloc(1, sizeof(*creations));

    if (!creations)
        return -ENOMEM;
    creations->context = *context;
    *ret = creations;
    return 0;
}

struct creations *creations_free(struct creations *creations)
{
    if (!creations)
        return NULL;
    while (creations->all)
        conclude_failed(creations->all, CREATION_NO_MEMORY, NULL);
    free(creations);
    return NULL;
}
