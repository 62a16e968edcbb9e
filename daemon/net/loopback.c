/* SPDX-License-Identifier: MIT */
#include "daemon/net/loopback.h"

#include "daemon/log.h"
#include "daemon/net/visitors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/epoll.h>

#define CONNECTION_TIMEOUT_SEC 10U
#define CONNECTION_MEMORY ((size_t)16 * 1024)
#define PATH_PREFIX "/callback/"

/* What is said to everything that is not a browser coming back. */
#define BARE_POLICY "default-src 'none'"

struct loopback_visit {
    struct loopback *loopback;
    struct MHD_Connection *connection;
    struct MHD_Response *response; /* once answered */
    unsigned status;
    bool shown;     /* to the owner */
    bool suspended; /* until it is answered */
};

struct loopback {
    sd_event *event;
    loopback_visit_handler handler;
    void *userdata;
    struct MHD_Daemon *daemon; /* NULL while not listening */
    struct visitors visitors;
    sd_event_source *io, *timer;
    char address[64];
    bool running; /* inside of libmicrohttpd: it must not be entered again */
};

/* The loop */

static unsigned connections(const struct loopback *loopback)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(loopback->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

    return info ? info->num_connections : 0;
}

static void rearm_timer(struct loopback *loopback)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;

    if (MHD_get_timeout(loopback->daemon, &timeout_ms) == MHD_YES) {
        sd_event_source_set_time_relative(loopback->timer, timeout_ms * 1000);
        sd_event_source_set_enabled(loopback->timer, SD_EVENT_ONESHOT);
    } else {
        sd_event_source_set_enabled(loopback->timer, SD_EVENT_OFF);
    }
}

/*
 * At its connection limit libmicrohttpd stops accepting, and starts again only in a run after one
 * in which connections have ended: so as long as they become fewer, there is another run.
 */
static void run(struct loopback *loopback)
{
    unsigned before, after;

    if (!loopback->daemon || loopback->running)
        return;
    loopback->running = true;
    do {
        before = connections(loopback);
        if (MHD_run_wait(loopback->daemon, 0) != MHD_YES)
            log_warning("The loopback listener failed to serve its connections");
        after = connections(loopback);
    } while (after < before);
    loopback->running = false;
    rearm_timer(loopback);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    run(userdata);
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    run(userdata);
    return 0;
}

/* Requests */

static struct MHD_Response *make_response(const struct loopback_answer *answer)
{
    static const char *const headers[][2] = {
        {"Content-Type", "text/html; charset=utf-8"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    /* MHD's prototype wants a pointer that is not const; with MUST_COPY it only reads. */
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(answer->html), (void *)(uintptr_t)answer->html, MHD_RESPMEM_MUST_COPY);

    if (!response)
        return NULL;
    bool ok =
        MHD_add_response_header(response, "Content-Security-Policy", answer->policy) == MHD_YES;
    for (size_t i = 0; ok && i < ARRAY_SIZE(headers); i++)
        ok = MHD_add_response_header(response, headers[i][0], headers[i][1]) == MHD_YES;
    if (ok && answer->location)
        ok = MHD_add_response_header(response, "Location", answer->location) == MHD_YES;
    if (ok && answer->language)
        ok = MHD_add_response_header(response, "Content-Language", answer->language) == MHD_YES &&
             MHD_add_response_header(response, "Vary", "Accept-Language") == MHD_YES;
    if (ok)
        return response;
    MHD_destroy_response(response);
    return NULL;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *html)
{
    const struct loopback_answer answer = {.status = status, .policy = BARE_POLICY, .html = html};
    struct MHD_Response *response = make_response(&answer);

    if (!response)
        return MHD_NO;
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    log_debug("A browser was answered with %u", status);
    enum MHD_Result r = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return r;
}

struct host_check {
    const char *address;
    unsigned right, wrong;
};

static enum MHD_Result check_host(
    void *userdata, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct host_check *check = userdata;

    if (strcasecmp(name, "Host") != 0)
        return MHD_YES;
    if (value && streq(value, check->address))
        check->right++;
    else
        check->wrong++;
    return MHD_YES;
}

/* Exactly one Host, and it is ours: a page of another site that resolves to 127.0.0.1 names that
 * site. */
static bool host_is_ours(const struct loopback *loopback, struct MHD_Connection *connection)
{
    struct host_check check = {.address = loopback->address};

    MHD_get_connection_values(connection, MHD_HEADER_KIND, check_host, &check);
    return check.right == 1 && check.wrong == 0;
}

/* Browsers that say what a request is for say so of every one. Only a person who comes to see the
 * page is let in: neither a script, nor an image, nor a frame. */
static bool is_navigation(struct MHD_Connection *connection)
{
    const char *mode = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Sec-Fetch-Mode");
    const char *target = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Sec-Fetch-Dest");

    return (!mode || streq(mode, "navigate")) && (!target || streq(target, "document"));
}

static enum MHD_Result queue_answer(struct loopback_visit *visit)
{
    if (!visit->response)
        return MHD_NO; /* out of memory: the connection is closed */
    log_debug("A browser was answered with %u", visit->status);
    return MHD_queue_response(visit->connection, visit->status, visit->response);
}

static enum MHD_Result begin_visit(
    struct loopback *loopback, struct MHD_Connection *connection, const char *method, void **ret)
{
    struct loopback_visit *visit;

    if (!streq(method, MHD_HTTP_METHOD_GET) && !streq(method, MHD_HTTP_METHOD_HEAD))
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
    if (!host_is_ours(loopback, connection))
        return refuse(connection, MHD_HTTP_MISDIRECTED_REQUEST, "Wrong host.\n");
    visit = calloc(1, sizeof(*visit));
    if (!visit)
        return MHD_NO;
    visit->loopback = loopback;
    visit->connection = connection;
    visitors_set_busy(connection, true);
    *ret = visit;
    return MHD_YES;
}

/* Called for the headers, then once without a body to read, and once more when a suspended
 * connection goes on. */
static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version, const char *body, size_t *body_size,
    void **state)
{
    struct loopback *loopback = userdata;
    struct loopback_visit *visit = *state;
    size_t prefix = strlen(PATH_PREFIX);

    if (!visit)
        return begin_visit(loopback, connection, method, state);
    if (*body_size > 0) {
        *body_size = 0; /* a GET with a body: read, and never looked at */
        return MHD_YES;
    }
    if (visit->shown)
        return queue_answer(visit);
    visit->shown = true;
    if (streq(url, "/favicon.ico")) /* browsers ask of themselves */
        return refuse(connection, MHD_HTTP_NO_CONTENT, "");
    if (strncmp(url, PATH_PREFIX, prefix) != 0)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "Nothing is here.\n");
    if (!is_navigation(connection))
        return refuse(connection, MHD_HTTP_FORBIDDEN, "Only for somebody who looks at it.\n");
    loopback->handler(visit, url + prefix, loopback->userdata);
    if (visit->status > 0)
        return queue_answer(visit);
    visit->suspended = true;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void on_completed(void *userdata, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode code)
{
    struct loopback_visit *visit = *state;

    visitors_set_busy(connection, false);
    if (!visit)
        return;
    if (visit->response)
        MHD_destroy_response(visit->response);
    free(visit);
    *state = NULL;
}

const char *loopback_accept_language(const struct loopback_visit *visit)
{
    return MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND, "Accept-Language");
}

bool loopback_has_query(const struct loopback_visit *visit, const char *name)
{
    return MHD_lookup_connection_value_n(
        visit->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), NULL, NULL);
}

void loopback_answer(struct loopback_visit *visit, const struct loopback_answer *answer)
{
    struct loopback *loopback = visit->loopback;

    visit->status = answer->status;
    visit->response = make_response(answer);
    if (!visit->suspended)
        return;
    visit->suspended = false;
    MHD_resume_connection(visit->connection);
    run(loopback);
}

/* Listening */

static void ignore_log(void *userdata, const char *format, va_list arguments)
{
    /* libmicrohttpd reports every client that misbehaves. */
}

static struct MHD_Daemon *start(
    struct loopback *loopback, const struct sockaddr *address, unsigned flags)
{
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | flags, 0, visitors_admit,
        &loopback->visitors, on_request, loopback, MHD_OPTION_NOTIFY_CONNECTION,
        visitors_on_connection, &loopback->visitors, MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL,
        MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_CONNECTION_LIMIT, VISITORS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        CONNECTION_TIMEOUT_SEC, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
        MHD_OPTION_END);
}

static int start_on(struct loopback *loopback, uint16_t port)
{
    const struct sockaddr_in v4 = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6,
        .sin6_port = htons(port),
        .sin6_addr = IN6ADDR_LOOPBACK_INIT,
    };
    const char *host = "127.0.0.1";

    errno = 0;
    loopback->daemon = start(loopback, (const struct sockaddr *)&v4, 0);
    if (!loopback->daemon && errno == EADDRNOTAVAIL) { /* a machine without IPv4 */
        host = "[::1]";
        loopback->daemon = start(loopback, (const struct sockaddr *)&v6, MHD_USE_IPv6);
    }
    if (!loopback->daemon)
        return errno > 0 ? -errno : -EADDRINUSE;

    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(loopback->daemon, MHD_DAEMON_INFO_BIND_PORT);
    if (!info)
        return -EIO;
    loopback->visitors.port = info->port;
    snprintf(loopback->address, sizeof(loopback->address), "%s:%u", host, (unsigned)info->port);
    return 0;
}

int loopback_listen(struct loopback *loopback, uint16_t port)
{
    if (loopback->daemon)
        return 0;
    int r = start_on(loopback, port);
    const union MHD_DaemonInfo *info =
        r < 0 ? NULL : MHD_get_daemon_info(loopback->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (r >= 0 && !info)
        r = -EIO;
    if (r >= 0)
        r = sd_event_add_io(
            loopback->event, &loopback->io, info->epoll_fd, EPOLLIN, on_io, loopback);
    if (r >= 0)
        r = sd_event_add_time_relative(
            loopback->event, &loopback->timer, CLOCK_MONOTONIC, 0, 1000, on_timer, loopback);
    if (r < 0) {
        loopback_close(loopback);
        return r;
    }
    log_debug("Listening on %s", loopback->address);
    return 0;
}

void loopback_close(struct loopback *loopback)
{
    loopback->io = sd_event_source_disable_unref(loopback->io);
    loopback->timer = sd_event_source_disable_unref(loopback->timer);
    if (!loopback->daemon)
        return;
    loopback->running = true;
    MHD_stop_daemon(loopback->daemon);
    loopback->running = false;
    loopback->daemon = NULL;
    log_debug("No longer listening on %s", loopback->address);
    loopback->address[0] = '\0';
}

const char *loopback_address(const struct loopback *loopback)
{
    return loopback->daemon ? loopback->address : NULL;
}

void loopback_refuse_others(struct loopback *loopback, const bool *whether)
{
    loopback->visitors.same_user = whether;
}

int loopback_new(
    sd_event *event, loopback_visit_handler handler, void *userdata, struct loopback **ret)
{
    struct loopback *loopback = calloc(1, sizeof(*loopback));

    if (!loopback)
        return -ENOMEM;
    loopback->event = sd_event_ref(event);
    visitors_init(&loopback->visitors);
    loopback->handler = handler;
    loopback->userdata = userdata;
    *ret = loopback;
    return 0;
}

struct loopback *loopback_free(struct loopback *loopback)
{
    if (!loopback)
        return NULL;
    loopback_close(loopback);
    sd_event_unref(loopback->event);
    free(loopback);
    return NULL;
}
