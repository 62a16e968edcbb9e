/* SPDX-License-Identifier: MIT */
#pragma once

/* One notification on the person's desktop: org.freedesktop.Notifications, over the session bus. */

#include <stdbool.h>
#include <systemd/sd-event.h>

struct notification;

enum notification_news {
    NOTIFICATION_SHOWN,   /* more may come when it was made clickable */
    NOTIFICATION_CLICKED, /* final */
    NOTIFICATION_CLOSED,  /* final */
    NOTIFICATION_FAILED,  /* final: there is nobody to show it */
};

/*
 * body: plain text, or NULL. The handler runs from the loop, until one that is final, or until the
 * first when it is not clickable. 0 or negative errno, and the handler will not run.
 */
int notification_show(sd_event *event, const char *title, const char *body, bool clickable,
    void (*handler)(enum notification_news news, void *userdata), void *userdata,
    struct notification **ret);

/* The handler will not run any more; what is shown stays. Returns NULL; NULL is fine. */
struct notification *notification_forget(struct notification *notification);
