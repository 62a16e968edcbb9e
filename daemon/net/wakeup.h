/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Moments at which it is worth trying again at once: an address or a route came to this machine
 * (rtnetlink(7)), or the machine woke from sleep.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

struct wakeup;

/* Off at first. The handler runs once for a burst of news, and every few seconds at most. 0 or
 * negative errno. */
int wakeup_new(
    sd_event *event, void (*handler)(void *userdata), void *userdata, struct wakeup **ret);
/* Returns NULL. */
struct wakeup *wakeup_free(struct wakeup *wakeup);

/* While it is off there is no descriptor and nothing wakes the process. What cannot be watched is
 * left out. */
void wakeup_enable(struct wakeup *wakeup, bool enable);
