/* SPDX-License-Identifier: MIT */
#pragma once

/* The process as a whole: what the sandbox knows, libmicrohttpd on 127.0.0.1, and the loop. One
 * thread does everything. */

#include "tests/sandbox/sandbox.h"

struct server;

/* Listens. 0 or a negative errno. */
int server_new(const struct sandbox_options *options, struct server **ret);
struct server *server_free(struct server *server);

/* "http://127.0.0.1:PORT", owned by the server. */
const char *server_origin(const struct server *server);

/* Serves until signal_fd, a signalfd, becomes readable. 0 or a negative errno. */
int server_run(struct server *server, int signal_fd);
