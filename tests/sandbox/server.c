/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/server.h"

#include "lib/base/memory.h"
#include "lib/base/timestamp.h"
#include "tests/sandbox/connections.h"
#include "tests/sandbox/exchange.h"
#include "tests/sandbox/faults.h"
#include "tests/sandbox/request-log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>

#define CONNECTIONS_AT_ONCE_MAX 16384U
/* Descriptors that are needed for other things than connections. */
#define DESCRIPTORS_RESERVED ((rlim_t)32)
#define CONNECTION_MEMORY 16384
#define CONNECTION_IDLE_SECONDS 120
#define LISTEN_BACKLOG 4096

struct server {
    struct sandbox sandbox;
    struct pauses pauses;
    struct exchange_context context;
    struct MHD_Daemon *http;
    unsigned connections_max;
};

struct server *server_free(struct server *server)
{
    if (!server)
        return NULL;
    /* libmicrohttpd wants no connection suspended when it stops. */
    pauses_end(&server->pauses, INT64_MAX);
    if (server->http)
        MHD_stop_daemon(server->http);
    faults_free(server->sandbox.faults);
    request_log_free(server->sandbox.log);
    connections_free(server->sandbox.connections);
    sessions_free(server->sandbox.sessions);
    free(server->sandbox.origin);
    free(server);
    return NULL;
}

DEFINE_CLEANUP(struct server *, server_free);

/* As many connections as the system lets this process have, within reason. */
static unsigned raise_connections_max(void)
{
    const rlim_t wanted = CONNECTIONS_AT_ONCE_MAX + DESCRIPTORS_RESERVED;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 512;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= wanted)
        return CONNECTIONS_AT_ONCE_MAX;
    return limit.rlim_cur > 2 * DESCRIPTORS_RESERVED
               ? (unsigned)(limit.rlim_cur - DESCRIPTORS_RESERVED)
               : (unsigned)DESCRIPTORS_RESERVED;
}

static int start_http(struct server *server, unsigned short port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const union MHD_DaemonInfo *info;

    server->connections_max = raise_connections_max();
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)server->connections_max, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_IDLE_SECONDS, NULL},
        {MHD_OPTION_LISTEN_BACKLOG_SIZE, LISTEN_BACKLOG, NULL},
        {MHD_OPTION_SOCK_ADDR, 0, &address},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)exchange_completed, &server->context},
        {MHD_OPTION_END, 0, NULL},
    };

    errno = 0;
    /* The Date header is ours: it can be told to be wrong. */
    server->http = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK, 0, NULL, NULL,
        exchange_handle, &server->context, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
    if (!server->http)
        return errno > 0 ? -errno : -EADDRINUSE;

    info = MHD_get_daemon_info(server->http, MHD_DAEMON_INFO_BIND_PORT);
    if (asprintf(&server->sandbox.origin, "http://127.0.0.1:%hu", info->port) < 0) {
        server->sandbox.origin = NULL;
        return -ENOMEM;
    }
    return 0;
}

int server_new(const struct sandbox_options *options, struct server **ret)
{
    _cleanup_(server_freep) struct server *server = calloc(1, sizeof(*server));
    int r;

    if (!server)
        return -ENOMEM;
    TAILQ_INIT(&server->pauses);
    server->context = (struct exchange_context){&server->sandbox, &server->pauses};
    server->sandbox.api_key = options->api_key;

    r = sessions_new(&options->lifetimes, &server->sandbox.sessions);
    if (r < 0 ||
        (r = connections_new(options->workspace_numbers, &server->sandbox.connections)) < 0 ||
        (r = faults_new(&server->sandbox.faults)) < 0 ||
        (r = request_log_new(&server->sandbox.log)) < 0 ||
        (r = start_http(server, options->port)) < 0)
        return r;

    *ret = TAKE_PTR(server);
    return 0;
}

const char *server_origin(const struct server *server)
{
    return server->sandbox.origin;
}

/* In milliseconds for poll(): until libmicrohttpd or a pause wants a turn. */
static int next_turn(struct server *server)
{
    MHD_UNSIGNED_LONG_LONG http_msec;
    int64_t wait_msec = INT_MAX;
    int64_t next_usec = pauses_next(&server->pauses);

    if (next_usec != INT64_MAX) {
        int64_t usec = next_usec - timestamp_now(CLOCK_BOOTTIME);
        wait_msec = usec > 0 ? (usec + USEC_PER_MSEC - 1) / USEC_PER_MSEC : 0;
    }
    if (MHD_get_timeout(server->http, &http_msec) == MHD_YES && (int64_t)http_msec < wait_msec)
        wait_msec = (int64_t)http_msec;

    /* When all connections are taken, libmicrohttpd stops listening, and starts again only in a
     * turn of its own. */
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->http, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    if (info->num_connections >= server->connections_max && wait_msec > 50)
        wait_msec = 50;
    return wait_msec == INT_MAX ? -1 : (int)wait_msec;
}

int server_run(struct server *server, int signal_fd)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->http, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd fds[] = {
        {.fd = info->epoll_fd, .events = POLLIN},
        {.fd = signal_fd, .events = POLLIN},
    };

    for (;;) {
        if (poll(fds, ARRAY_SIZE(fds), next_turn(server)) < 0 && errno != EINTR)
            return -errno;
        if (fds[1].revents)
            return 0;
        pauses_end(&server->pauses, timestamp_now(CLOCK_BOOTTIME));
        if (MHD_run_wait(server->http, 0) != MHD_YES)
            return -EIO;
    }
}
