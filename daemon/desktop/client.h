/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Asks the helper in the person's session to open a browser, to show something, or to keep or find
 * a key in the keyring. The helper is reached over its socket, where systemd starts it; where there
 * is no such socket, it is started here. SIGCHLD is blocked.
 *
 * Each handler runs once, from the loop, and the request is gone by then. Each function returns 0,
 * or negative errno, and the handler will not run.
 */

#include "daemon/desktop/handler.h"

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* What to tell people when a function has failed: */
#define DESKTOP_NO_HELPER "the helper airstore-oauth-desktop could not be started"

struct desktop_request;

/* Done when a browser has the URL. profile: whose browser, NULL for the default. */
int desktop_open_url(sd_event *event, const char *profile_or_null, const char *url,
    desktop_handler handler, void *userdata, struct desktop_request **ret);

struct desktop_notice {
    const char *title;
    const char *body; /* or NULL */
    const char *url;  /* opened by a click; or NULL */
    const char *profile;
    bool failed; /* not to be missed by who is away */
};

/*
 * Shows a notification where there is a desktop to show it on; -ENXIO where there is none. Done
 * when it is shown; with a URL, when it was clicked and a browser has the URL, or problem is ""
 * when it was closed, and then desktop_forget() takes it from the screen.
 */
int desktop_notify(sd_event *event, const struct desktop_notice *notice, desktop_handler handler,
    void *userdata, struct desktop_request **ret);

/* Which key of the keyring. */
struct desktop_key {
    const char *base_url;
    const char *profile; /* NULL: the default */
};

/* These three wait until the person has unlocked a locked keyring. */
int desktop_store_key(sd_event *event, const struct desktop_key *key, const char *api_key,
    desktop_handler handler, void *userdata, struct desktop_request **ret);
int desktop_clear_key(sd_event *event, const struct desktop_key *key, desktop_handler handler,
    void *userdata, struct desktop_request **ret);
/* The key is borrowed, and NULL when there is none. */
int desktop_look_up_key(sd_event *event, const struct desktop_key *key,
    void (*handler)(const char *api_key, const char *problem, void *userdata), void *userdata,
    struct desktop_request **ret);

/* Whether the helper is there. */
int desktop_probe(
    sd_event *event, desktop_handler handler, void *userdata, struct desktop_request **ret);

/* The handler will not run. A browser is opened all the same. Returns NULL; NULL is fine. */
struct desktop_request *desktop_forget(struct desktop_request *request);
