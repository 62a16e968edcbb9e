/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Asks the helper in the person's session to open a browser or to show something. The helper is
 * reached over its socket, where systemd starts it; where there is no such socket, it is started
 * here.
 */

#include <systemd/sd-event.h>

struct desktop_request;

/*
 * The handler runs once, from the loop: problem is NULL when a browser has the URL, else a sentence
 * about why not. profile: whose browser, NULL for the default. SIGCHLD is blocked.
 * 0 or negative errno, and the handler will not run.
 */
int desktop_open_url(sd_event *event, const char *profile_or_null, const char *url,
    void (*handler)(const char *problem, void *userdata), void *userdata,
    struct desktop_request **ret);

/*
 * Shows a notification where there is a desktop to show it on. Nobody is told whether that worked.
 * *ret is NULL when there is no such place; else it is to be forgotten at the latest when the loop
 * ends. 0 or negative errno.
 */
int desktop_notify(
    sd_event *event, const char *title, const char *body_or_null, struct desktop_request **ret);

/*
 * Whether the helper is there: problem is NULL then, else a sentence. The handler runs once, from
 * the loop. 0 or negative errno, and the handler will not run.
 */
int desktop_probe(sd_event *event, void (*handler)(const char *problem, void *userdata),
    void *userdata, struct desktop_request **ret);

/* The handler will not run; what was asked for happens all the same. Returns NULL; NULL is fine. */
struct desktop_request *desktop_forget(struct desktop_request *request);
