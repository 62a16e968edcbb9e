/* SPDX-License-Identifier: MIT */
#pragma once

/* One notification on the person's desktop: org.freedesktop.Notifications, over the session bus. */

#include <stdbool.h>
#include <systemd/sd-event.h>

struct notification;

enum notification_kind {
    NOTIFICATION_DONE,   /* of passing interest */
    NOTIFICATION_FAILED, /* kept until it was seen */
    NOTIFICATION_OPEN,   /* stays, and can be clicked */
};

enum notification_news {
    NOTIFICATION_IS_SHOWN, /* more will come when it can be clicked */
    NOTIFICATION_CLICKED,  /* final */
    NOTIFICATION_CLOSED,   /* final */
    NOTIFICATION_REFUSED,  /* final: there is nobody to show it, or to show it so that it can be
                              clicked */
};

/* Plain text. */
struct notification_text {
    const char *title;
    const char *body; /* or NULL */
    enum notification_kind kind;
};

/*
 * The handler runs from the loop, until one that is final, or until the first when it cannot be
 * clicked. 0 or negative errno, and the handler will not run.
 */
int notification_show(sd_event *event, const struct notification_text *text,
    void (*handler)(enum notification_news news, void *userdata), void *userdata,
    struct notification **ret);

/* Takes it from the screen; the handler will not run any more. Returns NULL; NULL is fine. */
struct notification *notification_withdraw(struct notification *notification);
