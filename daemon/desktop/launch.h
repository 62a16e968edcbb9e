/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Hands a URL to a command that opens it, as $BROWSER has them. Never through a shell, and never
 * waiting: whether it worked is told later. What is started outlives us.
 */

#include "daemon/desktop/handler.h"

#include <systemd/sd-event.h>

/*
 * command: words separated by blanks, the URL goes in the place of "%s" or behind the last word;
 * several commands, separated by colons, are tried in turn. The URL has been checked
 * (lib/base/url.h). The handler runs once, from the loop: problem is NULL when a command has ended
 * well or goes on running for two seconds, else says how each of them failed, in a text for people
 * that does not have the URL in it. 0 or negative errno, and the handler will not run. SIGCHLD is
 * blocked.
 */
int launch_command(
    sd_event *event, const char *command, const char *url, desktop_handler handler, void *userdata);
