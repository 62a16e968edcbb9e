/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Opens a URL from here, with the commands of BROWSER or with xdg-open. The daemon's helper does
 * that first, since it knows what is configured; but it has the environment of the login, and this
 * has that of the window: where a remote editor or WSL has put BROWSER, or where the display was
 * never made known to the user manager, only this leads to the person.
 */

#include <stdbool.h>
#include <sys/types.h>

struct browser {
    char *commands, *next; /* what is left to be tried, divided by colons; or NULL */
    char *url;
    pid_t pid;           /* of the one that is being tried, else 0 */
    const char *command; /* that one, or the last one */
    char problem[256];
};

/* Starts the first command that can be started; the others are for browser_failed(). Returns 0, or
 * a negative errno when there is none. */
int browser_open(struct browser *browser, const char *url);

/* After SIGCHLD: whether the command has failed and no other could be started in its place. */
bool browser_failed(struct browser *browser);

/* Why no browser could be opened, for people: a sentence without its end. */
const char *browser_problem(const struct browser *browser);

/* What was started goes on. */
void browser_clear(struct browser *browser);
