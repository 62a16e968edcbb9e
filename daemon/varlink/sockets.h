/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The sockets of a server behind a single source of the event loop. sd-event hands out one event a
 * turn and asks the kernel anew in each, so that with a hundred clients asking at once every answer
 * would cost a look at all hundred. Here a turn serves each socket that has something to say, once.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct sockets;

/* Part of whatever it is that a socket belongs to. All zero before it is watched first. */
struct socket_watch {
    int fd;
    uint32_t events; /* EPOLLIN, EPOLLOUT: what is waited for */
    bool watched;
    /* Called with what has happened. Any watch may be ended meanwhile, this one too. */
    void (*handler)(struct socket_watch *watch, uint32_t revents);
};

/* 0 or negative errno. */
int sockets_new(sd_event *event, struct sockets **ret);
/* The descriptors are not closed. Returns NULL. */
struct sockets *sockets_free(struct sockets *sockets);

/* Waits for these events on the watch's descriptor from now on; a hang-up is always told of.
 * 0 or negative errno, which is impossible for one that is watched already. */
int sockets_watch(struct sockets *sockets, struct socket_watch *watch, uint32_t events);

/* Tells of nothing any more. To be called before the descriptor is closed or the watch is freed. */
void sockets_ignore(struct sockets *sockets, struct socket_watch *watch);
