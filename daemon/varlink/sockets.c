/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/sockets.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <sys/epoll.h>

/* So many sockets are served before the rest of the loop has its turn. The kernel puts those that
 * are still ready behind the others. */
#define SERVED_A_TURN 64

struct sockets {
    int epoll_fd;
    sd_event_source *source;
    struct epoll_event ready[SERVED_A_TURN];
    int n_ready; /* while they are being served, else 0 */
};

static int on_ready(sd_event_source *source, int epoll_fd, uint32_t revents, void *userdata)
{
    struct sockets *sockets = userdata;

    sockets->n_ready = epoll_wait(epoll_fd, sockets->ready, SERVED_A_TURN, 0);
    for (int i = 0; i < sockets->n_ready; i++) {
        struct socket_watch *watch = sockets->ready[i].data.ptr;
        if (watch)
            watch->handler(watch, sockets->ready[i].events);
    }
    sockets->n_ready = 0;
    return 0;
}

int sockets_watch(struct sockets *sockets, struct socket_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    if (watch->watched && watch->events == events)
        return 0;
    if (epoll_ctl(sockets->epoll_fd, watch->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watch->fd,
            &event) < 0)
        return -errno;
    watch->watched = true;
    watch->events = events;
    return 0;
}

void sockets_ignore(struct sockets *sockets, struct socket_watch *watch)
{
    if (!watch->watched)
        return;
    /* Closing would not do: a child that is just being started may have a copy of the descriptor.
     */
    (void)epoll_ctl(sockets->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->watched = false;
    for (int i = 0; i < sockets->n_ready; i++) {
        if (sockets->ready[i].data.ptr == watch)
            sockets->ready[i].data.ptr = NULL;
    }
}

DEFINE_CLEANUP(struct sockets *, sockets_free);

int sockets_new(sd_event *event, struct sockets **ret)
{
    _cleanup_(sockets_freep) struct sockets *sockets = calloc(1, sizeof(*sockets));

    if (!sockets)
        return -ENOMEM;
    sockets->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (sockets->epoll_fd < 0)
        return -errno;
    int r = sd_event_add_io(event, &sockets->source, sockets->epoll_fd, EPOLLIN, on_ready, sockets);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(sockets);
    return 0;
}

struct sockets *sockets_free(struct sockets *sockets)
{
    if (!sockets)
        return NULL;
    sd_event_source_disable_unref(sockets->source);
    if (sockets->epoll_fd >= 0)
        close(sockets->epoll_fd);
    free(sockets);
    return NULL;
}
