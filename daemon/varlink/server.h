/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A Varlink service on an sd_event loop: interfaces with their methods as tables, listening
 * sockets, and the connections of clients. Implements org.varlink.service by itself. Knows nothing
 * of what the interfaces are about.
 */

#include "daemon/varlink/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

struct varlink_method {
    const char *name;                    /* without the interface */
    const struct json_field *parameters; /* ended by an entry without a name; NULL: takes none */
    const void *defaults;                /* NULL: all zero. Else a struct to start from */
    size_t
        size; /* of the struct that the parameters are read into, VARLINK_PARAMETERS_MAX at most */
    bool restricted; /* refused on sockets that only give information */
    bool more_only;  /* refused unless called with "more" */
    /* Replies now or later, exactly once; see call.h. What the parameters point to lives until
     * then, the struct itself until the handler returns. */
    void (*handle)(struct varlink_call *call, const void *parameters, void *userdata);
};
#define VARLINK_PARAMETERS_MAX 128

struct varlink_interface {
    const char *name;
    const char *description;                     /* the text of its .varlink file */
    const struct varlink_method *const *methods; /* ended by NULL */
    void *userdata;                              /* for the handlers */
};

/* What a client can make grow, and how far. */
struct varlink_limits {
    unsigned connections;          /* in all */
    unsigned connections_per_peer; /* of one process */
    size_t message_size;           /* bytes of a request */
    size_t queued_replies;         /* bytes that a client has not read yet */
    const char *error; /* "…LimitReached", with `limit` and `maximum`: what a client is told that
                          goes beyond */
};

struct varlink_about {
    const char *vendor, *product, *version, *url;
};

struct varlink_server;

/* The texts, tables and limits are borrowed for the life of the server. How many may connect can be
 * changed meanwhile; it counts for those who come then. 0 or -ENOMEM. */
int varlink_server_new(sd_event *event, const struct varlink_about *about,
    const struct varlink_limits *limits, struct varlink_server **ret);
/* Closes every connection and listening socket. Calls that are still waiting see their hang-up
 * handlers run. Returns NULL. */
struct varlink_server *varlink_server_free(struct varlink_server *server);
DEFINE_CLEANUP(struct varlink_server *, varlink_server_free);

/* The interface is borrowed. At most VARLINK_INTERFACES_MAX. 0 or -E2BIG. */
int varlink_server_add_interface(
    struct varlink_server *server, const struct varlink_interface *interface);
#define VARLINK_INTERFACES_MAX 4

/*
 * Accepts connections on a listening UNIX socket, which is taken over on success. Peers must be of
 * our own user, or root, unless that has no name in our user namespace. restricted: the socket only
 * gives information. 0 or negative errno.
 */
int varlink_server_listen(struct varlink_server *server, int fd, bool restricted);

/* Serves one connected socket, taken over in any case: for tests. No check of the peer. 0 or
 * negative errno. */
int varlink_server_connect(struct varlink_server *server, int fd, bool restricted);

/*
 * Accepts no more connections, and takes no more calls from those there are than they have sent
 * already; one that has not asked anything yet may do so for a moment. Nothing that a client could
 * send is lost, then: either it is answered, or sending fails. Clients that connect meanwhile are
 * queued by the kernel, for whoever has the listening socket next.
 */
void varlink_server_stop(struct varlink_server *server);

/* Once stopped: whether there is still a client whose next call is to be read, or its replies to be
 * sent. */
bool varlink_server_is_reading(const struct varlink_server *server);

/* How many clients are connected now. */
unsigned varlink_server_connections(const struct varlink_server *server);
