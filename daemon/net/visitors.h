/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Who is connected to the loopback listener. Other users of the machine do not get in, and whoever
 * holds connections without asking for anything makes room when it becomes scarce: so nobody keeps
 * a browser from coming back.
 */

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#define VISITORS_MAX 64U

struct visitors {
    TAILQ_HEAD(visitor_list, visitor) all; /* the oldest first */
    unsigned n;
    uint16_t port;         /* that they come to */
    const bool *same_user; /* whether others are refused; NULL for no */
};

void visitors_init(struct visitors *visitors);

/* What libmicrohttpd calls; `userdata` is the visitors. A connection is admitted or refused, before
 * a byte of it is read; it begins and ends. */
enum MHD_Result visitors_admit(void *userdata, const struct sockaddr *peer, socklen_t size);
void visitors_on_connection(void *userdata, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code);

/* Whether it has asked for something and waits for the answer: then it stays. */
void visitors_set_busy(struct MHD_Connection *connection, bool busy);
