/* SPDX-License-Identifier: MIT */
#include "daemon/net/peer.h"

#include "lib/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

/* Like /proc/net/tcp, but for one socket, and where there is no /proc. */
struct question {
    struct nlmsghdr header;
    struct inet_diag_req_v2 socket;
};

union answer {
    struct nlmsghdr header;
    char data[4096];
};

static void fill(struct inet_diag_req_v2 *socket, const struct sockaddr *peer, uint16_t port)
{
    socket->sdiag_family = (uint8_t)peer->sa_family;
    socket->sdiag_protocol = IPPROTO_TCP;
    socket->idiag_states = UINT32_MAX;
    socket->id.idiag_dport = htons(port);
    socket->id.idiag_cookie[0] = socket->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)peer;
        socket->id.idiag_sport = v6->sin6_port;
        memcpy(socket->id.idiag_src, &v6->sin6_addr, sizeof(v6->sin6_addr));
        memcpy(socket->id.idiag_dst, &v6->sin6_addr, sizeof(v6->sin6_addr));
    } else {
        const struct sockaddr_in *v4 = (const void *)peer;
        socket->id.idiag_sport = v4->sin_port;
        memcpy(socket->id.idiag_src, &v4->sin_addr, sizeof(v4->sin_addr));
        /* Connected to 127.0.0.1, from whatever loopback address. */
        socket->id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
    }
}

static int read_answer(const union answer *answer, size_t size, uid_t *ret)
{
    if (!NLMSG_OK(&answer->header, size))
        return -EBADMSG;
    if (answer->header.nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *error = NLMSG_DATA(&answer->header);
        if (answer->header.nlmsg_len < NLMSG_LENGTH(sizeof(*error)) || error->error >= 0)
            return -EBADMSG;
        return error->error;
    }
    const struct inet_diag_msg *found = NLMSG_DATA(&answer->header);
    if (answer->header.nlmsg_len < NLMSG_LENGTH(sizeof(*found)))
        return -EBADMSG;
    *ret = found->idiag_uid;
    return 0;
}

int peer_user(const struct sockaddr *peer, uint16_t port, uid_t *ret)
{
    _cleanup_close_ int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    struct question question = {
        .header = {.nlmsg_len = sizeof(question),
            .nlmsg_type = SOCK_DIAG_BY_FAMILY,
            .nlmsg_flags = NLM_F_REQUEST},
    };
    union answer answer;

    if (fd < 0)
        return -errno;
    fill(&question.socket, peer, port);
    if (send(fd, &question, sizeof(question), 0) < 0)
        return -errno;
    /* The kernel answers before send() returns. */
    ssize_t n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
    return n < 0 ? -errno : read_answer(&answer, (size_t)n, ret);
}
