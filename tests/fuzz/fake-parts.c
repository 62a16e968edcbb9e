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
    void (*handler)(const char *problem, void *userdata);
    void *userdata;
};

static struct desktop_request *launches;

static int launch(void (*handler)(const char *problem, void *userdata), void *userdata,
    struct desktop_request **ret)
{
    struct desktop_request *request = calloc(1, sizeof(*request));

    HOLDS(request);
    request->handler = handler;
    request->userdata = userdata;
    LIST_ADD(launches, request);
    *ret = request;
    return 0;
}

int desktop_open_url(sd_event *event, const char *profile, const char *url,
    void (*handler)(const char *problem, void *userdata), void *userdata,
    struct desktop_request **ret)
{
    HOLDS(!url_problem(url));
    return launch(handler, userdata, ret);
}

int desktop_probe(sd_event *event, void (*handler)(const char *problem, void *userdata),
    void *userdata, struct desktop_request **ret)
{
    return launch(handler, userdata, ret);
}

int desktop_notify(
    sd_event *event, const char *title, const char *body, struct desktop_request **ret)
{
    HOLDS(title && !strstr(title, FUZZ_SECRET) && (!body || !strstr(body, FUZZ_SECRET)));
    *ret = NULL;
    return 0;
}

struct desktop_request *desktop_forget(struct desktop_request *request)
{
    if (request) {
        LIST_REMOVE(launches, request);
        free(request);
    }
    return NULL;
}

void fake_desktop_answer(const char *problem)
{
    struct desktop_request *request = launches;
    void (*handler)(const char *, void *);
    void *userdata;

    if (!request)
        return;
    handler = request->handler;
    userdata = request->userdata;
    desktop_forget(request);
    handler(problem, userdata);
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
    HOLDS(!listener && !network && !launches && held == 0);
}
