/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The connection of one client: reads its calls, has them answered one after the other, and sends
 * the replies. Internal to daemon/varlink; server.c owns the links.
 */

#include "daemon/varlink/server.h"
#include "daemon/varlink/sockets.h"
#include "lib/varlink/message.h"
#include "lib/varlink/stream.h"

#include <sys/types.h>

struct varlink_link {
    struct varlink_link *previous, *next; /* of the server's */
    struct varlink_server *server;
    const struct varlink_limits *limits; /* of the server */
    struct varlink_stream stream;
    struct sockets *sockets; /* of the server */
    struct socket_watch watch;
    pid_t peer; /* 0 when unknown */
    bool restricted;
    bool broken;               /* to be closed in its next turn */
    bool asked;                /* has had a call */
    bool stopped;              /* takes no more calls than were sent already */
    bool gone;                 /* the client is: it reads nothing any more */
    struct varlink_call *call; /* the one being answered */
};

/* Takes over the descriptor, on failure too; borrows the rest. 0 or negative errno. */
int varlink_link_new(struct varlink_server *server, struct sockets *sockets,
    const struct varlink_limits *limits, int fd, struct varlink_link **ret);

/* Serves a client that has just come: most have asked by then. This may end the link. */
void varlink_link_welcome(struct varlink_link *link);

/* Lets the call that is waiting, if any, know. Not to be called from within a handler of a method.
 */
void varlink_link_free(struct varlink_link *link);

/* Answers what was sent already, and ends. A client that has not asked anything yet may ask once.
 */
void varlink_link_stop(struct varlink_link *link);
/* The same without patience for that one. */
void varlink_link_stop_now(struct varlink_link *link);

/* What link.c asks of server.c: dispatch of one call, and the end of a link, which frees it. */
void varlink_server_dispatch(struct varlink_server *server, struct varlink_call *call,
    const struct varlink_call_message *message);
void varlink_server_close_link(struct varlink_server *server, struct varlink_link *link);
