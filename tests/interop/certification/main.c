/* SPDX-License-Identifier: MIT */

/*
 * certification PATH: serves org.varlink.certification on a UNIX socket with the daemon's own
 * Varlink server, so that clients which others wrote can be tried against it. Says "listening" when
 * it does; SIGTERM ends it.
 */

#include "tests/interop/certification/certification.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

static int listen_on(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(fd, SOMAXCONN) < 0)
        return -errno;
    return TAKE_FD(fd);
}

static int serve(sd_event *event, const char *path)
{
    static const struct varlink_about about = {
        .vendor = "Airstore",
        .product = "Varlink certification",
        .version = VERSION,
        .url = "https://varlink.org",
    };
    static const struct varlink_limits limits = {
        .connections = 16,
        .connections_per_peer = 16,
        .message_size = (size_t)64 * 1024,
        .queued_replies = (size_t)1024 * 1024,
        .error = "org.varlink.certification.LimitReached",
    };
    _cleanup_(varlink_server_freep) struct varlink_server *server = NULL;
    struct certification certification = {0};
    struct varlink_interface interface;

    certification_interface(&certification, &interface);
    int r = varlink_server_new(event, &about, &limits, &server);
    if (r >= 0)
        r = varlink_server_add_interface(server, &interface);
    if (r < 0)
        return r;
    int fd = listen_on(path);
    if (fd < 0)
        return fd;
    r = varlink_server_listen(server, fd, false);
    if (r < 0)
        return r;
    puts("listening");
    fflush(stdout);
    return sd_event_loop(event);
}

int main(int argc, char *argv[])
{
    sd_event *event = NULL;
    sigset_t signals;

    if (argc != 2) {
        fprintf(stderr, "Usage: certification PATH\n");
        return 2;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int r = sd_event_default(&event);
    if (r >= 0)
        r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL); /* ends the loop */
    if (r >= 0)
        r = serve(event, argv[1]);
    sd_event_unref(event);
    if (r < 0)
        fprintf(stderr, "certification: %s\n", strerror(-r));
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
