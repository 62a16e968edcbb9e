/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/notification.h"

#include "lib/base/buffer.h"

#include <errno.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#define SERVICE "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define TIMEOUT_USEC ((uint64_t)3 * 1000000)

struct notification {
    sd_bus *bus;
    sd_bus_slot *call, *clicked, *closed;
    uint32_t id; /* of the service; 0 until it is shown */
    bool clickable;
    void (*handler)(enum notification_news news, void *userdata);
    void *userdata;
};

struct notification *notification_forget(struct notification *notification)
{
    if (notification) {
        sd_bus_slot_unref(notification->call);
        sd_bus_slot_unref(notification->clicked);
        sd_bus_slot_unref(notification->closed);
        sd_bus_flush_close_unref(notification->bus);
        free(notification);
    }
    return NULL;
}

static void conclude(struct notification *notification, enum notification_news news)
{
    void (*handler)(enum notification_news, void *) = notification->handler;
    void *userdata = notification->userdata;

    notification_forget(notification);
    handler(news, userdata);
}

static int on_shown(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct notification *notification = userdata;

    if (sd_bus_message_is_method_error(message, NULL) ||
        sd_bus_message_read(message, "u", &notification->id) < 0)
        conclude(notification, NOTIFICATION_FAILED);
    else if (notification->clickable)
        notification->handler(NOTIFICATION_SHOWN, notification->userdata);
    else
        conclude(notification, NOTIFICATION_SHOWN);
    return 0;
}

/* Signals are about everybody's notifications. */
static bool is_ours(const struct notification *notification, sd_bus_message *message)
{
    uint32_t id;

    return sd_bus_message_read(message, "u", &id) > 0 && id == notification->id && id > 0;
}

static int on_clicked(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    if (is_ours(userdata, message))
        conclude(userdata, NOTIFICATION_CLICKED);
    return 0;
}

static int on_closed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    if (is_ours(userdata, message))
        conclude(userdata, NOTIFICATION_CLOSED);
    return 0;
}

/* Bodies may be markup to the service: what we say is text. */
static int escape(const char *text, struct buffer *escaped)
{
    int r = 0;

    for (; r >= 0 && *text; text++) {
        if (*text == '&')
            r = buffer_append_string(escaped, "&amp;");
        else if (*text == '<')
            r = buffer_append_string(escaped, "&lt;");
        else if (*text == '>')
            r = buffer_append_string(escaped, "&gt;");
        else
            r = buffer_append(escaped, text, 1);
    }
    return r;
}

static int build(
    struct notification *notification, const char *title, const char *body, sd_bus_message **ret)
{
    _cleanup_buffer_ struct buffer escaped = {0};

    int r = body ? escape(body, &escaped) : 0;
    if (r >= 0)
        r = sd_bus_message_new_method_call(
            notification->bus, ret, SERVICE, PATH, SERVICE, "Notify");
    if (r >= 0)
        r = sd_bus_message_append(
            *ret, "susss", "Airstore", (uint32_t)0, "", title, escaped.data ? escaped.data : "");
    if (r >= 0 && notification->clickable)
        r = sd_bus_message_append(*ret, "as", 2, "default", "Open");
    else if (r >= 0)
        r = sd_bus_message_append(*ret, "as", 0);
    if (r >= 0)
        r = sd_bus_message_append(*ret, "a{sv}i", 1, "desktop-entry", "s", "airstore-oauth", -1);
    return r;
}

static int watch(struct notification *notification)
{
    int r = sd_bus_match_signal_async(notification->bus, &notification->clicked, SERVICE, PATH,
        SERVICE, "ActionInvoked", on_clicked, NULL, notification);

    return r < 0 ? r
                 : sd_bus_match_signal_async(notification->bus, &notification->closed, SERVICE,
                       PATH, SERVICE, "NotificationClosed", on_closed, NULL, notification);
}

static int start(
    struct notification *notification, sd_event *event, const char *title, const char *body)
{
    sd_bus_message *message = NULL;

    int r = sd_bus_open_user(&notification->bus);
    if (r >= 0)
        r = sd_bus_attach_event(notification->bus, event, SD_EVENT_PRIORITY_NORMAL);
    if (r >= 0 && notification->clickable)
        r = watch(notification);
    if (r >= 0)
        r = build(notification, title, body, &message);
    if (r >= 0)
        r = sd_bus_call_async(
            notification->bus, &notification->call, message, on_shown, notification, TIMEOUT_USEC);
    sd_bus_message_unref(message);
    return r;
}

int notification_show(sd_event *event, const char *title, const char *body, bool clickable,
    void (*handler)(enum notification_news news, void *userdata), void *userdata,
    struct notification **ret)
{
    struct notification *notification = calloc(1, sizeof(*notification));

    if (!notification)
        return -ENOMEM;
    notification->clickable = clickable;
    notification->handler = handler;
    notification->userdata = userdata;
    int r = start(notification, event, title, body);
    if (r < 0) {
        notification_forget(notification);
        return r;
    }
    *ret = notification;
    return 0;
}
