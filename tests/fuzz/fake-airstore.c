/* SPDX-License-Identifier: MIT */

/* Airstore, in the place of daemon/net/http.c. */

#include "daemon/list.h"
#include "daemon/net/http.h"
#include "daemon/vault.h"
#include "lib/base/url.h"
#include "tests/fuzz/fake-parts.h"

struct http_request {
    struct http_request *previous, *next; /* the newest first */
    struct http *http;
    struct api_request what;
    const char *api_key; /* in the vault, or NULL */
    void (*handler)(const struct api_reply *reply, void *userdata);
    void *userdata;
};

struct http {
    struct http_request *all;
    http_answered answered;
    void *userdata;
};

static struct http *airstore;

int http_new(sd_event *event, struct http **ret)
{
    HOLDS(!airstore);
    airstore = calloc(1, sizeof(*airstore));
    HOLDS(airstore);
    *ret = airstore;
    return 0;
}

static void conclude(struct http_request *request, struct api_reply *reply)
{
    void (*handler)(const struct api_reply *, void *) = request->handler;
    _cleanup_api_error_ struct api_error error = {0};
    void *userdata = request->userdata;

    (void)api_check_status(reply, &error);
    if (request->http->answered && request->api_key)
        request->http->answered(
            request->what.url, request->api_key, &error, request->http->userdata);
    http_cancel(request);
    handler(reply, userdata);
    api_reply_clear(reply);
}

struct http *http_free(struct http *http)
{
    if (!http)
        return NULL;
    while (http->all) {
        struct api_reply reply = API_REPLY_INIT;
        reply.transport = API_ERROR_CANCELLED;
        conclude(http->all, &reply);
    }
    free(http);
    airstore = NULL;
    return NULL;
}

/* The key goes to the servers of the configuration only, and is in no URL. */
int http_send(struct http *http, struct api_request *what, const struct http_options *options,
    void (*handler)(const struct api_reply *reply, void *userdata), void *userdata,
    struct http_request **ret_or_null)
{
    struct http_request *request = calloc(1, sizeof(*request));

    HOLDS(request && handler);
    HOLDS(strncmp(what->url, "https://api.airstore.example/v1/", 32) == 0 ||
          strncmp(what->url, "https://b.airstore.example/v1/", 30) == 0);
    HOLDS(!url_problem(what->url));
    HOLDS(!strstr(what->url, FUZZ_SECRET));
    const char *callback = what->body ? strstr(what->body, "/callback/") : NULL;
    if (callback)
        fake_browser_learn(callback + strlen("/callback/"), strcspn(callback + 10, "\""));
    request->http = http;
    request->api_key = options->api_key ? vault_keep(options->api_key) : NULL;
    request->what = *what;
    *what = (struct api_request){0};
    request->handler = handler;
    request->userdata = userdata;
    LIST_ADD(http->all, request);
    if (ret_or_null)
        *ret_or_null = request;
    return 0;
}

void http_on_answer(struct http *http, http_answered answered, void *userdata)
{
    http->answered = answered;
    http->userdata = userdata;
}

void http_wake(struct http *http) {}

struct http_request *http_cancel(struct http_request *request)
{
    if (request) {
        LIST_REMOVE(request->http->all, request);
        api_request_clear(&request->what);
        vault_release(request->api_key);
        free(request);
    }
    return NULL;
}

/* For the target */

unsigned fake_airstore_requests(void)
{
    unsigned n = 0;

    LIST_FOREACH (request, airstore->all)
        n++;
    return n;
}

static struct http_request *nth(unsigned i)
{
    struct http_request *request = airstore->all;

    while (request && i-- > 0)
        request = request->next;
    return request;
}

bool fake_airstore_is_list(unsigned i)
{
    const struct http_request *request = nth(i);

    return request && strstr(request->what.url, "/connections");
}

void fake_airstore_answer(unsigned i, const void *text, size_t size)
{
    struct fuzz_input input = {text, size};
    struct http_request *request = nth(i);
    struct api_reply reply = API_REPLY_INIT;

    if (!request)
        return;
    while (input.left > 0) {
        struct fuzz_input line = fuzz_part(&input, '\n');
        if (api_reply_header(&reply, (const char *)line.at, line.left) < 0)
            reply.transport = API_ERROR_INVALID_REPLY;
        if (line.left == 0 || (line.left == 1 && *line.at == '\r'))
            break;
    }
    if (reply.status == 0)
        reply.transport = API_ERROR_INVALID_REPLY;
    HOLDS(buffer_append(&reply.body, input.at, input.left) == 0);
    conclude(request, &reply);
}

void fake_airstore_fail(unsigned i)
{
    struct http_request *request = nth(i);
    struct api_reply reply = API_REPLY_INIT;

    reply.transport = API_ERROR_CONNECTION;
    if (request)
        conclude(request, &reply);
}
