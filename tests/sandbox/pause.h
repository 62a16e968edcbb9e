/* SPDX-License-Identifier: MIT */
#pragma once

/* Connections that are held for a while without holding up the others. */

#include <microhttpd.h>
#include <stdint.h>
#include <sys/queue.h>

/* Stays where it is until it ends. */
struct pause {
    struct MHD_Connection *connection;
    int64_t until_usec; /* of CLOCK_BOOTTIME */
    TAILQ_ENTRY(pause) link;
};

TAILQ_HEAD(pauses, pause);

/* Suspends the connection. The caller is a handler or content reader of that connection. */
void pause_begin(struct pauses *pauses, struct pause *pause, struct MHD_Connection *connection,
    int64_t duration_usec);

/* Resumes what is due by then. */
void pauses_end(struct pauses *pauses, int64_t now_usec);

/* When the next one ends, INT64_MAX when there is none. */
int64_t pauses_next(const struct pauses *pauses);
