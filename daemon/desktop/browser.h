/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Opens a URL in the person's browser, by the first way that works: the command that they have
 * chosen (choice.h), the desktop portal, xdg-open.
 */

#include "daemon/desktop/handler.h"

#include <systemd/sd-event.h>

/*
 * The URL has been checked (lib/base/url.h). profile: whose browser, NULL for the default; where a
 * profile has a command of its own, that one is the only way, for it keeps accounts apart. Without
 * a display, only what needs none is tried. The handler runs once, from the loop: problem is NULL
 * when a browser has the URL, else says how each way failed, for people. 0 or negative errno, and
 * the handler will not run. SIGCHLD is blocked.
 */
int browser_open(sd_event *event, const char *profile_or_null, const char *url,
    desktop_handler handler, void *userdata);
