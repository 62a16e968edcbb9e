/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The way back from the browser: one unguessable URL a session on the loopback listener, which is
 * open as long as a session needs it. A browser that comes back is held until the session has
 * ended, for a second at most, so that the page it gets says what became of it. A page that could
 * not say so asks again by itself; since the person sees something then, that is held for longer.
 */

#include "daemon/session.h"

#include <stdbool.h>
#include <systemd/sd-event.h>

struct callbacks; /* all of them, and the listener */
struct callback;  /* that of one session */

/* 0 or negative errno. */
int callbacks_new(sd_event *event, struct callbacks **ret);
/* Whether browsers of other users of the machine are refused; *whether is looked at each time. */
void callbacks_refuse_others(struct callbacks *callbacks, const bool *whether);
/* Answers the browsers that are held. Returns NULL. */
struct callbacks *callbacks_free(struct callbacks *callbacks);

/* "127.0.0.1:41234", or NULL while no session needs the listener. */
const char *callbacks_address(const struct callbacks *callbacks);

struct callback_subject {
    const char *profile, *integration_type, *workspace_id; /* each but the type may be NULL */
    const char *return_to; /* where a browser is sent after success; NULL: it gets our page */
};

/*
 * Makes a URL for a session; or serves the one of an earlier run again, which fails when its port
 * is taken. The subject is copied. 0 or negative errno.
 */
int callback_open(struct callbacks *callbacks, const struct callback_subject *subject,
    const char *url_or_null, struct callback **ret);

/* The handler runs each time a browser comes back before the session has ended. */
void callback_attach(struct callback *callback, void (*visited)(void *userdata), void *userdata);

/* There is no such session after all. Returns NULL; NULL is fine. */
struct callback *callback_discard(struct callback *callback);

/* Lives as long as the callback. */
const char *callback_url(const struct callback *callback);

/*
 * The session has ended: held browsers are answered, later ones for a few seconds more. The
 * callback is not the caller's any more. Returns NULL; NULL is fine.
 */
struct callback *callback_settle(struct callback *callback, const struct session *session);
