/* SPDX-License-Identifier: MIT */
#include "daemon/callback.h"

#include "daemon/list.h"
#include "daemon/log.h"
#include "daemon/net/loopback.h"
#include "daemon/net/page.h"
#include "lib/api/integration.h"
#include "lib/base/random.h"

#include <errno.h>
#include <stdio.h>

#define NONCE_SIZE 33 /* 128 bits in hex digits, and a NUL */
#define HELD_MAX 8    /* browsers a session: a person has one */
#define HOLD_USEC ((uint64_t)1000 * 1000)
/* A browser may come back after the session has ended, when polling was quicker; and the page may
 * ask again. */
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
    char *integration_type, *workspace_id, *return_to;
    void (*visited)(void *userdata);
    void *userdata;
    enum page_outcome outcome;
    char *failure;
    struct held held[HELD_MAX];
    size_t n_held;
    sd_event_source *timer; /* for the browser held longest; once settled, for the end */
};

struct callbacks {
    sd_event *event;
    struct loopback *loopback;
    struct callback *all;
};

/* Answers */

static void answer(struct callback *callback, struct loopback_visit *visit)
{
    _cleanup_buffer_ struct buffer html = {0};
    char policy[PAGE_POLICY_SIZE] = "";
    const struct page page = {
        .outcome = callback->outcome,
        .integration_name = integration_name(callback->integration_type),
        .workspace_id = callback->workspace_id,
        .reason = callback->failure,
    };
    bool go_on = callback->outcome == PAGE_CONNECTED && callback->return_to;

    int r = page_render(&page, &html, policy);
    loopback_answer(visit, &(struct loopback_answer){
                               .status = go_on ? 303 : 200,
                               .location = go_on ? callback->return_to : NULL,
                               .policy = policy,
                               .html = r < 0 ? "" : html.data,
                           });
}

static void answer_held(struct callback *callback, size_t i)
{
    struct loopback_visit *visit = callback->held[i].visit;

    memmove(&callback->held[i], &callback->held[i + 1],
        (callback->n_held - i - 1) * sizeof(callback->held[0]));
    callback->n_held--;
    answer(callback, visit);
}

static void close_when_unused(struct callbacks *callbacks)
{
    if (!callbacks->all)
        loopback_close(callbacks->loopback);
}

static void callback_free(struct callback *callback)
{
    while (callback->n_held > 0)
        answer_held(callback, 0);
    LIST_REMOVE(callback->callbacks->all, callback);
    sd_event_source_disable_unref(callback->timer);
    free(callback->url);
    free(callback->integration_type);
    free(callback->workspace_id);
    free(callback->return_to);
    free(callback->failure);
    free(callback);
}

static void set_timer(struct callback *callback, uint64_t at)
{
    sd_event_source_set_time(callback->timer, at);
    sd_event_source_set_enabled(callback->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct callback *callback = userdata;
    struct callbacks *callbacks = callback->callbacks;

    if (callback->outcome != PAGE_FINISHING) {
        callback_free(callback);
        close_when_unused(callbacks);
        return 0;
    }
    while (callback->n_held > 0 && callback->held[0].until <= usec)
        answer_held(callback, 0);
    if (callback->n_held > 0)
        set_timer(callback, callback->held[0].until);
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

static bool on_visit(struct loopback_visit *visit, const char *nonce, void *userdata)
{
    struct callbacks *callbacks = userdata;
    struct callback *callback = NULL;
    uint64_t now;

    LIST_FOREACH (c, callbacks->all) {
        if (nonce_is(c, nonce))
            callback = c;
    }
    if (!callback)
        return false;
    if (callback->outcome != PAGE_FINISHING || callback->n_held == HELD_MAX) {
        answer(callback, visit);
        return true;
    }
    sd_event_now(callbacks->event, CLOCK_BOOTTIME, &now);
    callback->held[callback->n_held++] = (struct held){.visit = visit, .until = now + HOLD_USEC};
    if (callback->n_held == 1)
        set_timer(callback, now + HOLD_USEC);
    if (callback->visited)
        callback->visited(callback->userdata);
    return true;
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

    if (string_replace(&callback->integration_type, subject->integration_type) < 0 ||
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
    r = sd_event_add_time(
        callbacks->event, &callback->timer, CLOCK_BOOTTIME, 0, 1000, on_timer, callback);
    return r < 0 ? r : sd_event_source_set_enabled(callback->timer, SD_EVENT_OFF);
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

struct callback *callback_settle(struct callback *callback, const char *failure)
{
    uint64_t now;

    if (!callback)
        return NULL;
    callback->outcome = failure ? PAGE_FAILED : PAGE_CONNECTED;
    (void)string_replace(&callback->failure, failure);
    callback->visited = NULL;
    while (callback->n_held > 0)
        answer_held(callback, 0);
    sd_event_now(callback->callbacks->event, CLOCK_BOOTTIME, &now);
    set_timer(callback, now + LINGER_USEC);
    return NULL;
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
