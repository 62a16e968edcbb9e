/* SPDX-License-Identifier: MIT */
#pragma once

/* Where the sockets come from that clients connect to: systemd, or our own making. */

#include <stdbool.h>

struct listen_socket {
    int fd;
    bool restricted;
};
#define LISTEN_SOCKETS_MAX 4

/*
 * Those that systemd handed over (one named "readonly" is restricted), else two of our own: PATH,
 * and PATH.ReadOnly, which only gives information, mode 0600 in a directory of mode 0700. Logs what
 * is wrong. The number of sockets, which the caller closes; or negative errno: -EADDRINUSE when
 * another daemon listens there.
 */
int listen_sockets(const char *path, struct listen_socket ret[static LISTEN_SOCKETS_MAX]);

/* Removes the sockets that listen_sockets() made. */
void listen_remove(void);
