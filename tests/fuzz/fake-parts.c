/* SPDX-License-Identifier: MIT */

/* The browser, the desktop and the network, in the place of daemon/net/loopback.c, wakeup.c and
 * daemon/desktop/client.c. */

#include "tests/fuzz/fake-parts.h"

#include "daemon/desktop/client.h"
#include "daemon/list.h"
#include "daemon/net/loopback.h"
#include "daemon/net/wakeup.h"
#include "lib/base/url.h"

#include <errno.h>
#include <stdio.h>

/* The loopback listener */

struct loopback {
    loopback_visit_handler handler;
    void *userdata;
    char address[32];
};

struct loopback_visit {
    bool answered, again;
};

static struct loopback *listener;
static char last_nonce[64];
static unsigned held; /* browsers that wait for their page */
static unsigned n_visits;

int loopback_new(
    sd_event *event, loopback_visit_handler handler, void *userdata, struct loopback **ret)
{
    HOLDS(!listener);
    listener = calloc(1, sizeof(*listener));
    HOLDS(listener);
    listener->handler = handler;
    listener->userdata = userdata;
    *ret = listener;
    return 0;
}

void loopback_refuse_others(struct loopback *loopback, const bool *whether) {}

struct loopback *loopback_free(struct loopback *loopback)
{
    HOLDS(held == 0);
    free(loopback);
    listener = NULL;
    return NULL;
}

const char *loopback_accept_language(const struct loopback_visit *visit)
{
    return visit->again ? NULL : "fr-CH, de;q=0.8, *;q=0.1";
}

bool loopback_has_query(const struct loopback_visit *visit, const char *name)
{
    return visit->again;
}

/* Another program has port 80. */
int loopback_listen(struct loopback *loopback, uint16_t port)
{
    if (loopback->address[0])
        return 0;
    if (port == 80)
        return -EADDRINUSE;
    snprintf(loopback->address, sizeof(loopback->address), "127.0.0.1:%u", port ? port : 40000U);
    return 0;
}

void loopback_close(struct loopback *loopback)
{
    HOLDS(held == 0);
    loopback->address[0] = '\0';
}

const char *loopback_address(const struct loopback *loopback)
{
    return loopback->address[0] ? loopback->address : NULL;
}

void loopback_answer(struct loopback_visit *visit, const struct loopback_answer *answer)
{
    HOLDS(!visit->answered && held > 0);
    HOLDS(answer->html && answer->policy);
    HOLDS(!strstr(answer->html, FUZZ_SECRET));
    HOLDS((answer->status == 303) == (answer->location != NULL));
    if (answer->location)
        HOLDS(!url_problem_any_host(answer->location));
    visit->answered = true;
    held--;
    free(visit);
}

void fake_browser_learn(const char *nonce, size_t size)
{
    snprintf(last_nonce, sizeof(last_nonce), "%.*s", (int)size, nonce);
}

void fake_browser_visit(const char *nonce)
{
    struct loopback_visit *visit;

    if (!listener->address[0])
        return;
    visit = calloc(1, sizeof(*visit));
    HOLDS(visit);
    held++;
    visit->again = n_visits++ % 2;
    listener->handler(visit, nonce ? nonce : last_nonce, listener->userdata);
}

/* The desktop */

struct desktop_request {
    struct desktop_request *previous, *next;
    desktop_handler handler;
    void (*key_handler)(const char *api_key, const char *problem, void *userdata);
    void *userdata;
};

static struct desktop_request *asked; /* the newest first */

static int ask(desktop_handler handler, void *userdata, struct desktop_request **ret)
{
    struct desktop_request *request = calloc(1, sizeof(*request));

    HOLDS(request && ret);
    request->handler = handler;
    request->userdata = userdata;
    LIST_ADD(asked, request);
    *ret = request;
    return 0;
}

int desktop_open_url(sd_event *event, const char *profile, const char *url, desktop_handler handler,
    void *userdata, struct desktop_request **ret)
{
    HOLDS(!url_problem(url));
    return ask(handler, userdata, ret);
}

int desktop_notify(sd_event *event, const struct desktop_notice *notice, desktop_handler handler,
    void *userdata, struct desktop_request **ret)
{
    HOLDS(notice->title && !strstr(notice->title, FUZZ_SECRET));
    HOLDS(!notice->body || !strstr(notice->body, FUZZ_SECRET));
    HOLDS(!notice->url || !url_problem(notice->url));
    return ask(handler, userdata, ret);
}

int desktop_store_key(sd_event *event, const struct desktop_key *key, const char *api_key,
    desktop_handler handler, void *userdata, struct desktop_request **ret)
{
    HOLDS(key->base_url && api_key);
    return ask(handler, userdata, ret);
}

int desktop_clear_key(sd_event *event, const struct desktop_key *key, desktop_handler handler,
    void *userdata, struct desktop_request **ret)
{
    HOLDS(key->base_url);
    return ask(handler, userdata, ret);
}

int desktop_look_up_key(sd_event *event, const struct desktop_key *key,
    void (*handler)(const char *api_key, const char *problem, void *userdata), void *userdata,
    struct desktop_request **ret)
{
    int r = ask(NULL, userdata, ret);

    HOLDS(key->base_url);
    (*ret)->key_handler = handler;
    return r;
}

int desktop_probe(
    sd_event *event, desktop_handler handler, void *userdata, struct desktop_request **ret)
{
    return ask(handler, userdata, ret);
}

struct desktop_request *desktop_forget(struct desktop_request *request)
{
    if (request) {
        LIST_REMOVE(asked, request);
        free(request);
    }
    return NULL;
}

void fake_desktop_answer(const char *problem, bool has_key)
{
    const struct desktop_request *request = asked;

    if (!request)
        return;
    const struct desktop_request answered = *request;
    desktop_forget(asked);
    if (answered.key_handler)
        answered.key_handler(!problem && has_key ? FUZZ_SECRET : NULL, problem, answered.userdata);
    else
        answered.handler(problem, answered.userdata);
}

/* The network */

struct wakeup {
    void (*handler)(void *userdata);
    void *userdata;
    bool enabled;
};

static struct wakeup *network;

int wakeup_new(
    sd_event *event, void (*handler)(void *userdata), void *userdata, struct wakeup **ret)
{
    HOLDS(!network);
    network = calloc(1, sizeof(*network));
    HOLDS(network);
    network->handler = handler;
    network->userdata = userdata;
    *ret = network;
    return 0;
}

struct wakeup *wakeup_free(struct wakeup *wakeup)
{
    free(wakeup);
    network = NULL;
    return NULL;
}

void wakeup_enable(struct wakeup *wakeup, bool enable)
{
    wakeup->enabled = enable;
}

void fake_wakeup(void)
{
    if (network->enabled)
        network->handler(network->userdata);
}

/* All of them */

void fake_parts_begin(struct fuzz_input rows, void (*saving)(void))
{
    fake_store_begin(rows, saving);
    last_nonce[0] = '\0';
    held = n_visits = 0;
}

void fake_parts_end(void)
{
    HOLDS(!listener && !network && !asked && held == 0);
}
