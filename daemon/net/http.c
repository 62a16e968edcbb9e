/* SPDX-License-Identifier: MIT */
#include "daemon/net/http.h"

#include "daemon/log.h"
#include "daemon/vault.h"
#include "lib/api/retry.h"
#include "lib/api/transfer.h"
#include "lib/base/random.h"

#include <curl/curl.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/queue.h>

/* However many sessions are pending: so many requests are under way at a time, and the others wait
 * their turn. */
#define RUNNING_MAX 4U

struct http_request {
    TAILQ_ENTRY(http_request) in_all, in_queue;
    struct http *http;
    struct api_request what;
    const char *api_key; /* in the vault, or NULL */
    int64_t timeout_usec;
    unsigned retries, tried;
    struct queue
        *queue; /* that it stands in; NULL while it is under way, or waits to be tried again */
    bool urgent, certificate;
    bool lost;                    /* it was under way when curl failed */
    struct transfer *transfer;    /* NULL while it waits */
    sd_event_source *retry_timer; /* NULL unless it has waited for one */
    void (*handler)(const struct api_reply *reply, void *userdata);
    void *userdata;
};

TAILQ_HEAD(queue, http_request);

struct http {
    sd_event *event;
    CURLM *multi; /* NULL until there is a request */
    sd_event_source *timer;
    struct queue all, urgent, others;
    bool urgent_last; /* the one that was taken from a queue last was urgent */
    unsigned n_running;
    bool fresh; /* connections of before may be dead */
    http_answered answered;
    void *userdata;
};

static int try(struct http_request *request);
static void start_next(struct http *http);

/* From curl to the loop */

/* Hands curl's news out. */
static void collect(struct http *http, CURLMcode code);

static int on_socket(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct http *http = userdata;
    int running, action = 0;

    if (revents & EPOLLIN)
        action |= CURL_CSELECT_IN;
    if (revents & EPOLLOUT)
        action |= CURL_CSELECT_OUT;
    if (revents & (EPOLLERR | EPOLLHUP))
        action |= CURL_CSELECT_ERR;
    collect(http, curl_multi_socket_action(http->multi, fd, action, &running));
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct http *http = userdata;
    int running;

    sd_event_source_set_time(source, UINT64_MAX);
    collect(http, curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running));
    return 0;
}

/* curl wants to know about a socket: its event source is what curl keeps with the socket. */
static int want_socket(
    CURL *easy, curl_socket_t fd, int what, void *userdata, void *socket_userdata)
{
    struct http *http = userdata;
    sd_event_source *source = socket_userdata;
    uint32_t events = 0;

    if (what == CURL_POLL_REMOVE) {
        sd_event_source_disable_unref(source);
        curl_multi_assign(http->multi, fd, NULL);
        return 0;
    }
    if (what & CURL_POLL_IN)
        events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        events |= EPOLLOUT;
    if (source)
        return sd_event_source_set_io_events(source, events) < 0 ? -1 : 0;
    if (sd_event_add_io(http->event, &source, fd, events, on_socket, http) < 0)
        return -1;
    curl_multi_assign(http->multi, fd, source);
    return 0;
}

/* The timer always runs, at times until the end of time: what is only set anew needs no memory. */
static int want_timer(CURLM *multi, long timeout_ms, void *userdata)
{
    struct http *http = userdata;
    int r;

    if (timeout_ms < 0)
        r = sd_event_source_set_time(http->timer, UINT64_MAX);
    else
        r = sd_event_source_set_time_relative(http->timer, (uint64_t)timeout_ms * 1000);
    return r < 0 ? -1 : 0;
}

static int start_curl(struct http *http)
{
    if (http->multi)
        return 0;
    if (!http->timer) {
        int r = sd_event_add_time(
            http->event, &http->timer, CLOCK_MONOTONIC, UINT64_MAX, 1000, on_timer, http);
        if (r >= 0)
            r = sd_event_source_set_enabled(http->timer, SD_EVENT_ON);
        if (r < 0)
            return r;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) /* which loads the library */
        return -ELIBACC;
    http->multi = curl_multi_init();
    if (!http->multi) {
        curl_global_cleanup();
        return -ENOMEM;
    }
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)RUNNING_MAX);
    return 0;
}

/* Requests */

/* The transfer, which curl is rid of, for the caller to free. NULL when there is none. */
static struct transfer *take_transfer(struct http_request *request)
{
    if (!request->transfer)
        return NULL;
    curl_multi_remove_handle(request->http->multi, transfer_handle(request->transfer));
    request->http->n_running--;
    return TAKE_PTR(request->transfer);
}

static void leave_queue(struct http_request *request)
{
    if (request->queue)
        TAILQ_REMOVE(request->queue, request, in_queue);
    request->queue = NULL;
}

static void request_free(struct http_request *request)
{
    struct http *http = request->http;

    TAILQ_REMOVE(&http->all, request, in_all);
    leave_queue(request);
    transfer_free(take_transfer(request));
    sd_event_source_disable_unref(request->retry_timer);
    api_request_clear(&request->what);
    vault_release(request->api_key);
    free(request);
}

/* The last word on a request. */
static void conclude(struct http_request *request, const struct api_reply *reply)
{
    void (*handler)(const struct api_reply *reply, void *userdata) = request->handler;
    void *userdata = request->userdata;
    /* The reply outlives the request, which the handler must find gone. */
    struct transfer *transfer = take_transfer(request);

    request_free(request);
    handler(reply, userdata);
    transfer_free(transfer);
}

static void conclude_failed(struct http_request *request, enum api_error_class class)
{
    struct api_reply reply = API_REPLY_INIT;

    reply.transport = class;
    conclude(request, &reply);
}

/* Starts it, or has it wait for its turn. */
static int enqueue(struct http_request *request)
{
    struct http *http = request->http;

    if (http->n_running < RUNNING_MAX)
        return try(request);
    request->queue = request->urgent ? &http->urgent : &http->others;
    TAILQ_INSERT_TAIL(request->queue, request, in_queue);
    return 0;
}

/* The urgent ones go first, but every second one is another, so that nobody waits for ever. */
static struct http_request *choose_next(struct http *http)
{
    struct http_request *urgent = TAILQ_FIRST(&http->urgent), *other = TAILQ_FIRST(&http->others);
    struct http_request *next = urgent && !(http->urgent_last && other) ? urgent : other;

    if (next)
        http->urgent_last = next == urgent;
    return next;
}

static void start_next(struct http *http)
{
    struct http_request *request;

    while (http->n_running < RUNNING_MAX && (request = choose_next(http))) {
        leave_queue(request);
        if (try(request) < 0)
            conclude_failed(request, API_ERROR_MEMORY);
    }
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct http_request *request = userdata;

    if (enqueue(request) < 0)
        conclude_failed(request, API_ERROR_MEMORY);
    return 0;
}

/* Whether the request is going to be sent again; a timer runs then. */
static bool retry(struct http_request *request, const struct api_error *error)
{
    uint32_t random = 0;

    if (request->tried > request->retries || !api_error_is_retried(error) ||
        error->retry_after_usec > API_RETRY_AFTER_PATIENCE_USEC)
        return false;
    random_fill(&random, sizeof(random));
    int64_t delay = api_retry_delay_usec(request->tried - 1, error->retry_after_usec, random);
    int r;
    if (request->retry_timer)
        r = sd_event_source_set_time_relative(request->retry_timer, (uint64_t)delay);
    else
        r = sd_event_add_time_relative(request->http->event, &request->retry_timer, CLOCK_BOOTTIME,
            (uint64_t)delay, 1000, on_retry, request);
    if (r < 0 || sd_event_source_set_enabled(request->retry_timer, SD_EVENT_ONESHOT) < 0)
        return false;
    log_debug("Airstore: %s; trying again in %lld ms", error->message ? error->message : "failed",
        (long long)(delay / 1000));
    transfer_free(take_transfer(request));
    return true;
}

/* curl has failed itself, since memory or an event source was not to be had. Some of what is under
 * way would not be heard of again: all of it ends here, and what comes next has a curl of its own.
 */
static void begin_anew(struct http *http)
{
    struct http_request *request;

    log_warning("Airstore: requests were given up, since memory ran out");
    TAILQ_FOREACH(request, &http->all, in_all)
    {
        request->lost = request->transfer;
        /* cppcheck-suppress uninitvar ; it does not know TAILQ_FOREACH() */
        transfer_free(take_transfer(request));
    }
    curl_multi_cleanup(http->multi);
    curl_global_cleanup();
    http->multi = NULL;
    sd_event_source_set_time(http->timer, UINT64_MAX);

    /* A handler may cancel any of the others, and send more. */
    do {
        TAILQ_FOREACH(request, &http->all, in_all)
        {
            if (request->lost)
                break;
        }
        if (request)
            conclude_failed(request, API_ERROR_MEMORY);
    } while (request);
}

/* A handler may send and cancel requests meanwhile, so each message is dealt with whole before the
 * next. */
static void collect(struct http *http, CURLMcode code)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(http->multi, &left))) {
        _cleanup_api_error_ struct api_error error = {0};
        struct http_request *request;
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result; /* the message is gone once its handle is removed */

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
        const struct api_reply *reply = transfer_finish(request->transfer, result);
        log_debug("Airstore: %s, HTTP status %d", request->what.method, reply->status);
        if (result == CURLE_OK)
            http->fresh = false;
        (void)api_check_status(reply, &error);
        if (http->answered && request->api_key)
            http->answered(request->what.url, request->api_key, &error, http->userdata);
        if (!retry(request, &error))
            conclude(request, reply);
    }
    if (code != CURLM_OK)
        begin_anew(http);
    start_next(http);
}

static int try(struct http_request *request)
{
    const struct transfer_options options = {
        .api_key = request->api_key,
        .timeout_usec = request->timeout_usec,
        .user_agent = "airstore-oauthd/" VERSION,
        .certificate = request->certificate,
    };

    int r = start_curl(request->http);
    if (r >= 0)
        r = transfer_new(&request->what, &options, &request->transfer);
    if (r < 0)
        return r;
    request->tried++;
    curl_easy_setopt(transfer_handle(request->transfer), CURLOPT_PRIVATE, request);
    if (request->http->fresh)
        curl_easy_setopt(transfer_handle(request->transfer), CURLOPT_FRESH_CONNECT, 1L);
    if (curl_multi_add_handle(request->http->multi, transfer_handle(request->transfer)) !=
        CURLM_OK) {
        request->transfer = transfer_free(request->transfer);
        return -ENOMEM;
    }
    request->http->n_running++;
    return 0;
}

int http_send(struct http *http, struct api_request *what, const struct http_options *options,
    void (*handler)(const struct api_reply *reply, void *userdata), void *userdata,
    struct http_request **ret_or_null)
{
    struct http_request *request = calloc(1, sizeof(*request));

    if (!request) {
        api_request_clear(what);
        return -ENOMEM;
    }
    request->http = http;
    request->what = *what;
    *what = (struct api_request){0};
    request->timeout_usec = options->timeout_usec;
    request->retries = options->retries;
    request->handler = handler;
    request->userdata = userdata;
    request->urgent = options->urgent;
    request->certificate = options->certificate;
    TAILQ_INSERT_TAIL(&http->all, request, in_all);

    int r = 0;
    if (options->api_key) {
        request->api_key = vault_keep(options->api_key);
        r = request->api_key ? 0 : -ENOMEM;
    }
    if (r >= 0)
        r = enqueue(request);
    if (r < 0) {
        request_free(request);
        return r;
    }
    if (ret_or_null)
        *ret_or_null = request;
    return 0;
}

void http_on_answer(struct http *http, http_answered answered, void *userdata)
{
    http->answered = answered;
    http->userdata = userdata;
}

void http_wake(struct http *http)
{
    http->fresh = true;
}

struct http_request *http_cancel(struct http_request *request)
{
    struct http *http = request ? request->http : NULL;

    if (request) {
        request_free(request);
        start_next(http);
    }
    return NULL;
}

int http_new(sd_event *event, struct http **ret)
{
    struct http *http = calloc(1, sizeof(*http));

    if (!http)
        return -ENOMEM;
    TAILQ_INIT(&http->all);
    TAILQ_INIT(&http->urgent);
    TAILQ_INIT(&http->others);
    http->event = sd_event_ref(event);
    *ret = http;
    return 0;
}

struct http *http_free(struct http *http)
{
    if (!http)
        return NULL;
    while (!TAILQ_EMPTY(&http->all))
        conclude_failed(TAILQ_FIRST(&http->all), API_ERROR_CANCELLED);
    if (http->multi) {
        curl_multi_cleanup(http->multi); /* gives its sockets back one by one */
        curl_global_cleanup();
    }
    sd_event_source_disable_unref(http->timer);
    sd_event_unref(http->event);
    free(http);
    return NULL;
}
