/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The connection of one client: reads its calls, has them answered one after the other, and sends
 * the replies. Internal to daemon/varlink; server.c owns the links.
 */

#include "daemon/varlink/server.h"
#include "lib/varlink/message.h"
#include "lib/varlink/stream.h"

#include <sys/types.h>

struct varlink_link {
    struct varlink_link *previous, *next; /* of the server's */
    struct varlink_server *server;
    const struct varlink_limits *limits; /* of the server */
    struct varlink_stream stream;
    pid_t peer; /* 0 when unknown */
    bool restricted;
    bool broken;               /* to be closed in its next turn */
    bool asked;                /* has had a call */
    bool stopped;              /* takes no more calls than were sent already */
    bool gone;                 /* the client is: it reads nothing any more */
    sd_event_source *io;       /* waits for the socket */
    struct varlink_call *call; /* the one being answered */
};

/* Takes over the descriptor, on failure too; borrows the limits. 0 or negative errno. */
int varlink_link_new(struct varlink_server *server, sd_event *event,
    const struct varlink_limits *limits, int fd, struct varlink_link **ret);

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
