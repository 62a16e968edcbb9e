/* SPDX-License-Identifier: MIT */

/*
 * airstore-oauth-desktop: the helper in the person's own session. Serves ai.airstore.Desktop on its
 * standard input, a connected socket, and ends when that is closed and nothing is left to do.
 * systemd starts one for each connection; without systemd, the daemon does.
 */

#include "daemon/desktop-interface.h"
#include "daemon/desktop/service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

static const struct varlink_limits limits = {
    .connections = 1,
    .connections_per_peer = 1,
    .message_size = (size_t)64 * 1024,
    .queued_replies = (size_t)64 * 1024,
    .error = "ai.airstore.Desktop.Unavailable",
};

static const struct varlink_about about = {
    .vendor = "Airstore",
    .product = "airstore-oauth-desktop",
    .version = VERSION,
    .url = "https://airstore.ai",
};

/* After everything that happens: is there anything left to be here for? */
static int on_post(sd_event_source *source, void *userdata)
{
    struct desktop *desktop = userdata;

    if (varlink_server_connections(desktop->server) == 0 && desktop->n_busy == 0)
        sd_event_exit(desktop->event, 0);
    return 0;
}

static int run(void)
{
    struct desktop desktop = {0};
    struct varlink_interface interface;
    sigset_t child;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, NULL); /* for the loop's child sources */
    (void)signal(SIGPIPE, SIG_IGN);
    desktop_interface(&desktop, interface_description, &interface);
    int r = sd_event_default(&desktop.event);
    if (r >= 0)
        r = varlink_server_new(desktop.event, &about, &limits, &desktop.server);
    if (r >= 0)
        r = varlink_server_add_interface(desktop.server, &interface);
    if (r >= 0) {
        int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        r = fd < 0 ? -errno : varlink_server_connect(desktop.server, fd, false);
    }
    if (r >= 0)
        r = sd_event_add_post(desktop.event, NULL, on_post, &desktop);
    if (r >= 0)
        r = sd_event_loop(desktop.event);
    varlink_server_free(desktop.server);
    sd_event_unref(desktop.event);
    return r;
}

int main(int argc, char *argv[])
{
    if (argc > 1 && streq(argv[1], "--version")) {
        puts("airstore-oauth-desktop " VERSION);
        return EXIT_SUCCESS;
    }
    if (argc > 1 || sd_is_socket_unix(STDIN_FILENO, SOCK_STREAM, 0, NULL, 0) <= 0) {
        fputs("airstore-oauth-desktop is started by systemd or by airstore-oauthd, with a socket "
              "as its "
              "standard input.\n",
            stderr);
        return 2;
    }
    return run() < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
