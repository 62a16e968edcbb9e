/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The methods of ai.airstore.Desktop: their parameters to the browser, notifications and the
 * keyring, and back. The helper serves one connection, and is there as long as that is open or
 * something is not done with.
 */

#include "daemon/varlink/server.h"

struct desktop {
    sd_event *event;
    struct varlink_server *server;
    unsigned n_busy; /* things that are not done with */
};

/* Fills in the interface; the description and the desktop are borrowed. */
void desktop_interface(
    struct desktop *desktop, const char *description, struct varlink_interface *ret);

/* Ends a call with Unavailable, and the message for people. */
void desktop_fail(struct varlink_call *call, const char *message);

/* In service-key.c. Their handlers do not return before the person has unlocked the keyring. */
extern const struct varlink_method desktop_store_key, desktop_look_up_key, desktop_clear_key;
