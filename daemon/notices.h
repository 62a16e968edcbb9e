/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the person is told on their desktop, and when. What a program already shows them is not said
 * again, and a program that waits for a session (Poll) is taken to show it. So there is
 *
 *   - how a session ended, when nobody waited for it at that moment;
 *   - that a session wants to be approved, with a click that opens the browser, when a program
 *     wished for a browser, none could be opened, and three seconds later nobody waits: whoever
 *     shows the URL by itself has begun to wait by then. Withdrawn when the session ends.
 *
 * And nothing at all with "notifications = no".
 */

#include "daemon/sessions.h"

struct notices;

/* All are borrowed. 0 or -ENOMEM. */
int notices_new(
    sd_event *event, const struct config *config, struct sessions *sessions, struct notices **ret);
/* Withdraws what can still be clicked. Returns NULL; NULL is fine. */
struct notices *notices_free(struct notices *notices);

/* Its browser was to be opened and could not be. */
void notices_browser_failed(struct notices *notices, const struct session *session);

/* It has ended. */
void notices_session_ended(struct notices *notices, const struct session *session);

/* And nobody was waiting for it. */
void notices_ended_alone(struct notices *notices, const struct session *session);
