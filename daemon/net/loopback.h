/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The HTTP listener that browsers are sent back to: libmicrohttpd on sd_event, on a port of the
 * loopback address that the kernel chooses. Answers GET and HEAD of /callback/NONCE with the right
 * Host, and nothing else but an empty /favicon.ico; which nonces there are and what to answer is
 * its owner's business.
 * Nothing of a request is ever part of a reply.
 */

#include "lib/base/buffer.h"

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct loopback;
struct loopback_visit; /* one request of a browser */

/*
 * A browser asks for /callback/NONCE, whatever the nonce. The visit has been or will be answered,
 * exactly once, with loopback_answer(); until then the browser waits.
 */
typedef void (*loopback_visit_handler)(
    struct loopback_visit *visit, const char *nonce, void *userdata);

/* What the browser sent along, for choosing an answer; it lives as long as the visit. */
const char *loopback_accept_language(const struct loopback_visit *visit); /* or NULL */
bool loopback_has_query(const struct loopback_visit *visit, const char *name);

/* Does not listen yet. 0 or negative errno. */
int loopback_new(
    sd_event *event, loopback_visit_handler handler, void *userdata, struct loopback **ret);
/* Whether connections of other users of the machine are refused; *whether is looked at each time.
 */
void loopback_refuse_others(struct loopback *loopback, const bool *whether);
/* All visits have been answered. Returns NULL. */
struct loopback *loopback_free(struct loopback *loopback);

/* Starts to listen, on a free port when port is 0. 0, also when it listens already, or negative
 * errno. */
int loopback_listen(struct loopback *loopback, uint16_t port);
/* Closes the port; replies that are still being sent are cut off. All visits have been answered. */
void loopback_close(struct loopback *loopback);

/* "127.0.0.1:41234", or NULL while it does not listen. */
const char *loopback_address(const struct loopback *loopback);

struct loopback_answer {
    unsigned status;      /* of HTTP */
    const char *location; /* for a redirect, or NULL */
    const char *language; /* that was chosen for this browser, or NULL */
    const char *policy;   /* Content-Security-Policy */
    const char *html;     /* the body */
};

/* Everything is copied. The visit is gone afterwards. */
void loopback_answer(struct loopback_visit *visit, const struct loopback_answer *answer);
