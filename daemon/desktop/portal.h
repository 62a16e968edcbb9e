/* SPDX-License-Identifier: MIT */
#pragma once

/* Opens a URL through the desktop portal: org.freedesktop.portal.OpenURI, over the session bus. */

#include "daemon/desktop/handler.h"

#include <stdbool.h>
#include <systemd/sd-event.h>

/*
 * The URL has been checked (lib/base/url.h), for the portal takes any. start: whether a portal that
 * is not running may be started, which takes a display. The handler runs once, from the loop and
 * after three seconds at most: problem is NULL when the portal has opened the URL, else says why
 * not, for people. 0 or negative errno, and the handler will not run: there is no session bus.
 */
int portal_open(
    sd_event *event, const char *url, bool start, desktop_handler handler, void *userdata);
