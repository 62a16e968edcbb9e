/* SPDX-License-Identifier: MIT */
#include "daemon/callback.h"

#include "daemon/list.h"
#include "daemon/log.h"
#include "daemon/net/loopback.h"
#include "daemon/net/page.h"
#include "daemon/next-command.h"
#include "lib/api/integration.h"
#include "lib/base/random.h"

#include <errno.h>
#include <stdio.h>

#define NONCE_SIZE 33 /* 128 bits in hex digits, and a NUL */
#define HELD_MAX 8    /* browsers a session: a person has one */
/* How long a browser is held: while its tab is still empty, and while the page is to be seen. */
#define HOLD_EMPTY_USEC ((uint64_t)1000 * 1000)
#define HOLD_SHOWN_USEC ((uint64_t)15 * 1000 * 1000)
/* How often Airstore is asked while a browser is held. */
#define ASK_USEC ((uint64_t)2 * 1000 * 1000)
/* When a page asks again that cannot be held: there are too many, or we are about to end. */
#define AGAIN_LATER_SEC 5
/* A browser may come back after the session has ended, when polling was quicker. */
#define LINGER_USEC ((uint64_t)10 * 1000 * 1000)

struct held {
    struct loopback_visit *visit;
    uint64_t until; /* CLOCK_BOOTTIME */
};

struct callback {
    struct callback *previous, *next;
    struct callbacks *callbacks;
    char nonce[NONCE_SIZE];
    char *url;
    char *profile, *integration_type, *workspace_id, *return_to;
    void (*visited)(void *userdata);
    void *userdata;
    enum page_outcome outcome;
    enum session_failure failure;
    char *words; /* about a failure */
    struct held held[HELD_MAX];
    size_t n_held;
    bool closing;    /* nobody is held any more */
    uint64_t ask_at; /* while browsers are held; CLOCK_BOOTTIME */
    sd_event_source
        *timer; /* for what is to be done next; once settled, for the end. NULL before */
};

struct callbacks {
    sd_event *event;
    struct loopback *loopback;
    struct callback *all;
};

/* Answers */

static void answer_page(struct loopback_visit *visit, unsigned status, struct page *page)
{
    _cleanup_buffer_ struct buffer html = {0};
    char policy[PAGE_POLICY_SIZE] = "";

    page->language = language_choose(loopback_accept_language(visit));
    int r = page_render(page, &html, policy);
    loopback_answer(visit, &(struct loopback_answer){
                               .status = status,
                               .language = language_tag(page->language),
                               .policy = policy,
                               .html = r < 0 ? "" : html.data,
                           });
}

static void answer(struct callback *callback, struct loopback_visit *visit, unsigned again_sec)
{
    _cleanup_buffer_ struct buffer command = {0};

    if (callback->outcome == PAGE_CONNECTED && callback->return_to) {
        loopback_answer(visit, &(struct loopback_answer){
                                   .status = 303,
                                   .location = callback->return_to,
                                   .policy = "default-src 'none'",
                                   .html = "",
                               });
        return;
    }
    (void)next_command(&command, callback->failure, callback->integration_type,
        callback->workspace_id, callback->profile);
    answer_page(visit, 200,
        &(struct page){
            .outcome = callback->outcome,
            .integration_name = integration_name(callback->integration_type),
            .workspace_id = callback->workspace_id,
            .words = callback->words,
            .command = command.data,
            .again_sec = again_sec,
        });
}

static void answer_held(struct callback *callback, size_t i, unsigned again_sec)
{
    struct loopback_visit *visit = callback->held[i].visit;

    memmove(&callback->held[i], &callback->held[i + 1],
        (callback->n_held - i - 1) * sizeof(callback->held[0]));
    callback->n_held--;
    answer(callback, visit, again_sec);
}

static void close_when_unused(struct callbacks *callbacks)
{
    if (!callbacks->all)
        loopback_close(callbacks->loopback);
}

/* Answering lets the listener go on, and with that new visits may come, of which the session, gone
 * by now perhaps, must not hear. */
static void callback_free(struct callback *callback)
{
    callback->closing = true;
    while (callback->n_held > 0)
        answer_held(callback, 0, AGAIN_LATER_SEC);
    LIST_REMOVE(callback->callbacks->all, callback);
    sd_event_source_disable_unref(callback->timer);
    free(callback->url);
    free(callback->profile);
    free(callback->integration_type);
    free(callback->workspace_id);
    free(callback->return_to);
    free(callback->words);
    free(callback);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata);

/* Most callbacks have none for minutes. */
static int set_timer(struct callback *callback, uint64_t at)
{
    if (!callback->timer)
        return sd_event_add_time(callback->callbacks->event, &callback->timer, CLOCK_BOOTTIME, at,
            1000, on_timer, callback);
    sd_event_source_set_time(callback->timer, at);
    return sd_event_source_set_enabled(callback->timer, SD_EVENT_ONESHOT);
}

/* Answering lets the listener go on, and with that new visits may come: so each time from the
 * start. */
static bool answer_due(struct callback *callback, uint64_t now)
{
    for (size_t i = 0; i < callback->n_held; i++) {
        if (callback->held[i].until <= now) {
            answer_held(callback, i, 0);
            return true;
        }
    }
    return false;
}

/* Runs whenever browsers are held: answers those whose time has come, and asks for the others. */
static void attend(struct callback *callback, uint64_t now)
{
    bool ask = callback->ask_at <= now;
    uint64_t next;

    while (answer_due(callback, now))
        ;
    if (callback->n_held == 0)
        return;
    if (ask)
        callback->ask_at = now + ASK_USEC;
    next = callback->ask_at;
    for (size_t i = 0; i < callback->n_held; i++) {
        if (callback->held[i].until < next)
            next = callback->held[i].until;
    }
    bool timed = set_timer(callback, next) >= 0;
    while (!timed && callback->n_held > 0) /* no memory: they ask again by themselves */
        answer_held(callback, 0, AGAIN_LATER_SEC);
    if (ask && callback->visited)
        callback->visited(callback->userdata);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct callback *callback = userdata;
    struct callbacks *callbacks = callback->callbacks;

    if (callback->outcome == PAGE_FINISHING) {
        attend(callback, usec);
        return 0;
    }
    callback_free(callback);
    close_when_unused(callbacks);
    return 0;
}

/* Visits */

/* Takes the same time however many characters are right. */
static bool nonce_is(const struct callback *callback, const char *nonce)
{
    unsigned char difference = 0;

    if (strlen(nonce) != NONCE_SIZE - 1)
        return false;
    for (size_t i = 0; i < NONCE_SIZE - 1; i++)
        difference |= (unsigned char)(callback->nonce[i] ^ nonce[i]);
    return difference == 0;
}

static struct callback *find(struct callbacks *callbacks, const char *nonce)
{
    struct callback *callback = NULL;

    LIST_FOREACH (c, callbacks->all) {
        if (nonce_is(c, nonce))
            callback = c;
    }
    return callback;
}

static void on_visit(struct loopback_visit *visit, const char *nonce, void *userdata)
{
    struct callbacks *callbacks = userdata;
    struct callback *callback = find(callbacks, nonce);
    uint64_t now;

    if (!callback) {
        answer_page(visit, 404, &(struct page){.outcome = PAGE_GONE});
        return;
    }
    if (callback->outcome != PAGE_FINISHING || callback->n_held == HELD_MAX || callback->closing) {
        answer(callback, visit, AGAIN_LATER_SEC);
        return;
    }
    sd_event_now(callbacks->event, CLOCK_BOOTTIME, &now);
    uint64_t hold = loopback_has_query(visit, PAGE_AGAIN) ? HOLD_SHOWN_USEC : HOLD_EMPTY_USEC;
    callback->held[callback->n_held++] = (struct held){.visit = visit, .until = now + hold};
    callback->ask_at = now; /* each visit is worth a question */
    attend(callback, now);
}

/* Opening and settling */

/* Reads "http://HOST:PORT/callback/NONCE" back. */
static int parse_url(const char *url, char nonce[static NONCE_SIZE], uint16_t *ret_port)
{
    const char *path = strstr(url, "/callback/"), *colon;
    unsigned port;

    if (!path || strlen(path) != strlen("/callback/") + NONCE_SIZE - 1)
        return -EINVAL;
    colon = memrchr(url, ':', (size_t)(path - url));
    if (!colon || sscanf(colon, ":%5u/", &port) != 1 || port < 1 || port > UINT16_MAX)
        return -EINVAL;
    memcpy(nonce, path + strlen("/callback/"), NONCE_SIZE);
    *ret_port = (uint16_t)port;
    return 0;
}

static void make_nonce(char nonce[static NONCE_SIZE])
{
    uint64_t random[2];

    random_fill(random, sizeof(random));
    snprintf(nonce, NONCE_SIZE, "%016llx%016llx", (unsigned long long)random[0],
        (unsigned long long)random[1]);
}

static int fill(struct callback *callback, const struct callback_subject *subject, const char *url)
{
    struct callbacks *callbacks = callback->callbacks;
    uint16_t port = 0;

    if (string_replace(&callback->profile, subject->profile) < 0 ||
        string_replace(&callback->integration_type, subject->integration_type) < 0 ||
        string_replace(&callback->workspace_id, subject->workspace_id) < 0 ||
        string_replace(&callback->return_to, subject->return_to) < 0)
        return -ENOMEM;
    make_nonce(callback->nonce);
    int r = url ? parse_url(url, callback->nonce, &port) : 0;
    if (r >= 0)
        r = loopback_listen(callbacks->loopback, port);
    if (r < 0)
        return r;
    if (asprintf(&callback->url, "http://%s/callback/%s", loopback_address(callbacks->loopback),
            callback->nonce) < 0) {
        callback->url = NULL;
        return -ENOMEM;
    }
    if (url && !streq(url, callback->url)) /* another session of this run has another port */
        return -EADDRINUSE;
    return 0;
}

int callback_open(struct callbacks *callbacks, const struct callback_subject *subject,
    const char *url_or_null, struct callback **ret)
{
    struct callback *callback = calloc(1, sizeof(*callback));

    if (!callback)
        return -ENOMEM;
    callback->callbacks = callbacks;
    callback->outcome = PAGE_FINISHING;
    LIST_ADD(callbacks->all, callback);
    int r = fill(callback, subject, url_or_null);
    if (r < 0) {
        callback_free(callback);
        close_when_unused(callbacks);
        return r;
    }
    *ret = callback;
    return 0;
}

void callback_attach(struct callback *callback, void (*visited)(void *userdata), void *userdata)
{
    callback->visited = visited;
    callback->userdata = userdata;
}

struct callback *callback_discard(struct callback *callback)
{
    if (callback) {
        struct callbacks *callbacks = callback->callbacks;
        callback_free(callback);
        close_when_unused(callbacks);
    }
    return NULL;
}

const char *callback_url(const struct callback *callback)
{
    return callback->url;
}

static enum page_outcome outcome_of(enum session_failure failure)
{
    switch (failure) {
    case SESSION_NOT_FAILED:
        return PAGE_CONNECTED;
    case SESSION_DENIED:
        return PAGE_DENIED;
    case SESSION_EXPIRED:
        return PAGE_EXPIRED;
    case SESSION_CANCELLED:
        return PAGE_CANCELLED;
    case SESSION_UNAUTHORIZED: /* nor is it known then; the words say what is wrong */
    case SESSION_UNKNOWN:
        break;
    }
    return PAGE_UNKNOWN;
}

struct callback *callback_settle(struct callback *callback, const struct session *session)
{
    uint64_t now;

    if (!callback)
        return NULL;
    callback->failure = session->failure;
    callback->outcome = outcome_of(session->failure);
    if (callback->outcome == PAGE_DENIED)
        (void)string_replace(&callback->words, session->refusal);
    if (callback->outcome == PAGE_UNKNOWN)
        (void)string_replace(&callback->words, session->error);
    if (session->workspace_id) /* it may have been learned on the way */
        (void)string_replace(&callback->workspace_id, session->workspace_id);
    callback->visited = NULL;
    while (callback->n_held > 0)
        answer_held(callback, 0, 0);
    sd_event_now(callback->callbacks->event, CLOCK_BOOTTIME, &now);
    return set_timer(callback, now + LINGER_USEC) < 0 ? callback_discard(callback) : NULL;
}

const char *callbacks_address(const struct callbacks *callbacks)
{
    return loopback_address(callbacks->loopback);
}

int callbacks_new(sd_event *event, struct callbacks **ret)
{
    struct callbacks *callbacks = calloc(1, sizeof(*callbacks));

    if (!callbacks)
        return -ENOMEM;
    int r = loopback_new(event, on_visit, callbacks, &callbacks->loopback);
    if (r < 0) {
        free(callbacks);
        return r;
    }
    callbacks->event = sd_event_ref(event);
    *ret = callbacks;
    return 0;
}

void callbacks_refuse_others(struct callbacks *callbacks, const bool *whether)
{
    loopback_refuse_others(callbacks->loopback, whether);
}

struct callbacks *callbacks_free(struct callbacks *callbacks)
{
    if (!callbacks)
        return NULL;
    while (callbacks->all)
        callback_free(callbacks->all);
    loopback_free(callbacks->loopback);
    sd_event_unref(callbacks->event);
    free(callbacks);
    return NULL;
}
