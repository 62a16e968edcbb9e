/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/notification.h"

#include "daemon/desktop/bus.h"
#include "lib/base/buffer.h"

#include <errno.h>
#include <stdint.h>

#define SERVICE "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define TIMEOUT_USEC ((uint64_t)3 * 1000000)

/* When it goes by itself. */
#define EXPIRES_AS_USUAL (-1)
#define EXPIRES_NEVER 0

struct notification {
    sd_bus *bus;
    sd_bus_slot *call, *clicked, *closed;
    char *title, *body;
    enum notification_kind kind;
    uint32_t id; /* of the service; 0 until it is shown */
    void (*handler)(enum notification_news news, void *userdata);
    void *userdata;
};

static void notification_free(struct notification *notification)
{
    sd_bus_slot_unref(notification->call);
    sd_bus_slot_unref(notification->clicked);
    sd_bus_slot_unref(notification->closed);
    bus_leave(notification->bus);
    free(notification->title);
    free(notification->body);
    free(notification);
}

static void take_from_screen(struct notification *notification)
{
    (void)sd_bus_call_method_async(notification->bus, NULL, SERVICE, PATH, SERVICE,
        "CloseNotification", NULL, NULL, "u", notification->id);
}

struct notification *notification_withdraw(struct notification *notification)
{
    if (!notification)
        return NULL;
    if (notification->id > 0)
        take_from_screen(notification);
    notification_free(notification);
    return NULL;
}

static void conclude(struct notification *notification, enum notification_news news)
{
    void (*handler)(enum notification_news, void *) = notification->handler;
    void *userdata = notification->userdata;

    notification_free(notification);
    handler(news, userdata);
}

static int on_shown(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct notification *notification = userdata;

    if (sd_bus_message_is_method_error(message, NULL) ||
        sd_bus_message_read(message, "u", &notification->id) < 0)
        conclude(notification, NOTIFICATION_REFUSED);
    else if (notification->kind == NOTIFICATION_OPEN)
        notification->handler(NOTIFICATION_IS_SHOWN, notification->userdata);
    else
        conclude(notification, NOTIFICATION_IS_SHOWN);
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
    struct notification *notification = userdata;

    if (!is_ours(notification, message))
        return 0;
    take_from_screen(notification); /* where some services leave what was clicked */
    conclude(notification, NOTIFICATION_CLICKED);
    return 0;
}

static int on_closed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    if (is_ours(userdata, message))
        conclude(userdata, NOTIFICATION_CLOSED);
    return 0;
}

/* Where bodies are markup, what we say is text. */
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

/* A click anywhere on it is the action "default"; not every desktop shows that one as a button. */
static int append_actions(sd_bus_message *message, enum notification_kind kind)
{
    return kind == NOTIFICATION_OPEN
               ? sd_bus_message_append(message, "as", 4, "default", "Open", "open", "Open")
               : sd_bus_message_append(message, "as", 0);
}

static int append_hints(sd_bus_message *message, enum notification_kind kind)
{
    static const struct {
        const char *category;
        uint8_t urgency; /* 0 low, 1 normal */
        bool transient;  /* not kept for those who were away */
    } hints[] = {
        [NOTIFICATION_DONE] = {"x-airstore.connected", 0, true},
        [NOTIFICATION_FAILED] = {"x-airstore.failed", 1, false},
        [NOTIFICATION_OPEN] = {"x-airstore.approval", 1, false},
    };

    return sd_bus_message_append(message, "a{sv}", 4, "desktop-entry", "s", "airstore-oauth",
        "category", "s", hints[kind].category, "urgency", "y", hints[kind].urgency, "transient",
        "b", (int)hints[kind].transient);
}

static int build(struct notification *notification, bool markup, sd_bus_message **ret)
{
    enum notification_kind kind = notification->kind;
    const char *body = notification->body ? notification->body : "";
    _cleanup_buffer_ struct buffer escaped = {0};

    int r = markup ? escape(body, &escaped) : buffer_append_string(&escaped, body);
    if (r >= 0)
        r = sd_bus_message_new_method_call(
            notification->bus, ret, SERVICE, PATH, SERVICE, "Notify");
    if (r >= 0)
        r = sd_bus_message_append(*ret, "susss", "Airstore", (uint32_t)0, "", notification->title,
            escaped.data ? escaped.data : "");
    if (r >= 0)
        r = append_actions(*ret, kind);
    if (r >= 0)
        r = append_hints(*ret, kind);
    if (r >= 0)
        r = sd_bus_message_append(
            *ret, "i", kind == NOTIFICATION_OPEN ? EXPIRES_NEVER : EXPIRES_AS_USUAL);
    return r;
}

static int send(struct notification *notification, bool markup)
{
    sd_bus_message *message = NULL;

    int r = build(notification, markup, &message);
    notification->call = sd_bus_slot_unref(notification->call);
    if (r >= 0)
        r = sd_bus_call_async(
            notification->bus, &notification->call, message, on_shown, notification, TIMEOUT_USEC);
    sd_bus_message_unref(message);
    return r;
}

/* What the service can do decides what it is told. */
static int on_capabilities(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct notification *notification = userdata;
    bool actions = false, markup = false;
    const char *capability;

    int r = sd_bus_message_is_method_error(message, NULL)
                ? -EIO
                : sd_bus_message_enter_container(message, 'a', "s");
    while (r >= 0 && (r = sd_bus_message_read(message, "s", &capability)) > 0) {
        actions |= streq(capability, "actions");
        markup |= streq(capability, "body-markup");
    }
    if (r >= 0 && notification->kind == NOTIFICATION_OPEN && !actions)
        r = -EOPNOTSUPP;
    if (r >= 0)
        r = send(notification, markup);
    if (r < 0)
        conclude(notification, NOTIFICATION_REFUSED);
    return 0;
}

static int watch(struct notification *notification)
{
    int r = sd_bus_match_signal_async(notification->bus, &notification->clicked, SERVICE, PATH,
        SERVICE, "ActionInvoked", on_clicked, NULL, notification);

    return r < 0 ? r
                 : sd_bus_match_signal_async(notification->bus, &notification->closed, SERVICE,
                       PATH, SERVICE, "NotificationClosed", on_closed, NULL, notification);
}

static int start(struct notification *notification, sd_event *event)
{
    sd_bus_message *message = NULL;

    int r = sd_bus_open_user(&notification->bus);
    if (r >= 0)
        r = sd_bus_attach_event(notification->bus, event, SD_EVENT_PRIORITY_NORMAL);
    if (r >= 0 && notification->kind == NOTIFICATION_OPEN)
        r = watch(notification);
    if (r >= 0)
        r = sd_bus_message_new_method_call(
            notification->bus, &message, SERVICE, PATH, SERVICE, "GetCapabilities");
    if (r >= 0)
        r = sd_bus_call_async(notification->bus, &notification->call, message, on_capabilities,
            notification, TIMEOUT_USEC);
    sd_bus_message_unref(message);
    return r;
}

int notification_show(sd_event *event, const struct notification_text *text,
    void (*handler)(enum notification_news news, void *userdata), void *userdata,
    struct notification **ret)
{
    struct notification *notification = calloc(1, sizeof(*notification));

    if (!notification)
        return -ENOMEM;
    notification->kind = text->kind;
    notification->handler = handler;
    notification->userdata = userdata;
    int r = string_replace(&notification->title, text->title);
    if (r >= 0)
        r = string_replace(&notification->body, text->body);
    if (r >= 0)
        r = start(notification, event);
    if (r < 0) {
        notification_free(notification);
        return r;
    }
    *ret = notification;
    return 0;
}
