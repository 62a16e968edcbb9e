/* SPDX-License-Identifier: MIT */
#include "daemon/net/visitors.h"

#include "daemon/log.h"
#include "daemon/net/peer.h"
#include "lib/base/memory.h"

struct visitor {
    TAILQ_ENTRY(visitor) in_all;
    int fd; /* libmicrohttpd's */
    bool busy;
};

void visitors_init(struct visitors *visitors)
{
    *visitors = (struct visitors){0};
    TAILQ_INIT(&visitors->all);
}

/* Root can do all this and more in other ways. In the user namespace of our unit it has no name,
 * and is refused like others. Where the kernel does not tell, the number that nobody can guess has
 * to do. */
static bool is_ours(const struct visitors *visitors, const struct sockaddr *peer)
{
    uid_t user;

    return peer_user(peer, visitors->port, &user) < 0 || user == getuid() || user == 0;
}

enum MHD_Result visitors_admit(void *userdata, const struct sockaddr *peer, socklen_t size)
{
    const struct visitors *visitors = userdata;

    if (!visitors->same_user || !*visitors->same_user || is_ours(visitors, peer))
        return MHD_YES;
    log_info("Refused a visit of another user to the page that browsers come back to; "
             "'callback-same-user = no' would admit it");
    return MHD_NO;
}

/* Half of those who have been there longest without asking for anything, so that this is rare. They
 * are closed by the next run. */
static void make_room(struct visitors *visitors)
{
    struct visitor *visitor;
    unsigned n = 0;

    TAILQ_FOREACH(visitor, &visitors->all, in_all)
    {
        if (n == VISITORS_MAX / 2)
            break;
        /* cppcheck-suppress uninitvar - each is from calloc() */
        if (visitor->busy)
            continue;
        (void)shutdown(visitor->fd, SHUT_RDWR);
        n++;
    }
}

static void begin(
    struct visitors *visitors, struct MHD_Connection *connection, struct visitor **ret)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct visitor *visitor = info ? calloc(1, sizeof(*visitor)) : NULL;

    if (!visitor)
        return; /* it stays as long as it likes */
    visitor->fd = info->connect_fd;
    TAILQ_INSERT_TAIL(&visitors->all, visitor, in_all);
    visitors->n++;
    *ret = visitor;
    if (visitors->n >= VISITORS_MAX)
        make_room(visitors);
}

static void end(struct visitors *visitors, struct visitor *visitor)
{
    TAILQ_REMOVE(&visitors->all, visitor, in_all);
    visitors->n--;
    free(visitor);
}

void visitors_on_connection(void *userdata, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        begin(userdata, connection, (struct visitor **)context);
    else if (*context)
        end(userdata, *context);
}

void visitors_set_busy(struct MHD_Connection *connection, bool busy)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct visitor *visitor = info ? info->socket_context : NULL;

    if (visitor)
        visitor->busy = busy;
}
