/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Opens a URL in the person's browser: a command that is given, else xdg-open. Never through a
 * shell, and never waiting: whether it worked is told later. The browser outlives us.
 */

#include <systemd/sd-event.h>

/*
 * command: words separated by blanks, the URL goes in the place of "%s" or behind the last word;
 * several commands, separated by colons, are tried in turn. NULL: xdg-open. The URL
 * has been checked (lib/base/url.h). The handler runs once, from the loop: problem is NULL when a
 * command has ended well or goes on running for two seconds, else a sentence about why no browser
 * was opened. 0 or negative errno, and the handler will not run. SIGCHLD is blocked.
 */
int browser_open(sd_event *event, const char *command, const char *url,
    void (*handler)(const char *problem, void *userdata), void *userdata);
