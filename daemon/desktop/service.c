/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/service.h"

#include "daemon/desktop/browser.h"
#include "daemon/desktop/notification.h"
#include "daemon/log.h"
#include "lib/base/url.h"

#include <errno.h>

#define INTERFACE "ai.airstore.Desktop"

static void fail(struct varlink_call *call, const char *error, const char *message)
{
    _cleanup_json_ struct json_object *parameters = json_object_new_object();

    if (!parameters || json_add_string(parameters, "message", message) < 0)
        varlink_call_abandon(call);
    else
        varlink_call_fail(call, error, TAKE_PTR(parameters));
}

void desktop_fail(struct varlink_call *call, const char *message)
{
    fail(call, INTERFACE ".Unavailable", message);
}

/* Whoever asks has checked it as well; this is the side that must not be fooled. */
static bool check_url(struct varlink_call *call, const char *url)
{
    const char *problem = url ? url_problem(url) : NULL;

    if (problem)
        fail(call, INTERFACE ".InvalidURL", problem);
    return !problem;
}

/* OpenURL */

struct opening {
    struct desktop *desktop;
    struct varlink_call *call;
};

static void on_opened(const char *problem, void *userdata)
{
    _cleanup_free_ struct opening *opening = userdata;

    opening->desktop->n_busy--;
    if (problem)
        desktop_fail(opening->call, problem);
    else
        varlink_call_reply(opening->call, NULL);
}

struct open_parameters {
    const char *url, *profile;
};

static const struct json_field open_fields[] = {
    {"url", JSON_STRING, offsetof(struct open_parameters, url), true},
    {"profile", JSON_STRING, offsetof(struct open_parameters, profile), false},
    {0},
};

static void open_url(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct open_parameters *p = parameters;
    struct desktop *desktop = userdata;

    if (!check_url(call, p->url))
        return;
    _cleanup_free_ struct opening *opening = calloc(1, sizeof(*opening));
    if (!opening || browser_open(desktop->event, p->profile, p->url, on_opened, opening) < 0) {
        varlink_call_abandon(call);
        return;
    }
    opening->desktop = desktop;
    opening->call = call;
    desktop->n_busy++;
    (void)TAKE_PTR(opening);
}

/* Notify */

/* A notification, until nothing more can come of it. */
struct notice {
    struct desktop *desktop;
    struct varlink_call *call; /* NULL once it is ended */
    struct notification *notification;
    char *url, *profile;
    bool shown;
    bool unwanted; /* to be withdrawn, once it can be */
};

static void notice_free(struct notice *notice)
{
    notice->desktop->n_busy--;
    secret_free(notice->url);
    free(notice->profile);
    free(notice);
}

/* Ends the call, with an error or, without a message, well. */
static void end_call(struct notice *notice, const char *message)
{
    struct varlink_call *call = TAKE_PTR(notice->call);

    if (call && message)
        desktop_fail(call, message);
    else if (call)
        varlink_call_reply(call, NULL);
}

static void on_told(enum notification_news news, void *userdata)
{
    notice_free(userdata);
}

/* Whoever has clicked looks at the desktop, and at nothing else. */
static void on_clicked_browser(const char *problem, void *userdata)
{
    struct notice *notice = userdata;
    const struct notification_text text = {
        .title = "No browser could be opened",
        .body = problem,
        .kind = NOTIFICATION_FAILED,
    };

    end_call(notice, problem);
    if (!problem || notification_show(
                        notice->desktop->event, &text, on_told, notice, &notice->notification) < 0)
        notice_free(notice);
}

static void on_clicked(struct notice *notice)
{
    if (browser_open(
            notice->desktop->event, notice->profile, notice->url, on_clicked_browser, notice) < 0)
        on_clicked_browser("memory ran out", notice);
}

static void on_notification(enum notification_news news, void *userdata)
{
    struct notice *notice = userdata;

    if (news == NOTIFICATION_IS_SHOWN && notice->url && !notice->unwanted) {
        notice->shown = true; /* more will come */
        return;
    }
    if (news == NOTIFICATION_IS_SHOWN && notice->url)
        notification_withdraw(notice->notification);
    notice->notification = NULL;
    if (news == NOTIFICATION_CLICKED) {
        on_clicked(notice);
        return;
    }
    if (news == NOTIFICATION_CLOSED && notice->call)
        varlink_call_fail(TAKE_PTR(notice->call), INTERFACE ".Closed", NULL);
    end_call(
        notice, news == NOTIFICATION_REFUSED ? "nothing here shows notifications like this" : NULL);
    notice_free(notice);
}

static void on_hangup(struct varlink_call *call, void *userdata)
{
    struct notice *notice = userdata;

    notice->unwanted = true;
    end_call(notice, NULL);
    if (!notice->notification || !notice->shown)
        return;
    notification_withdraw(notice->notification);
    notice_free(notice);
}

struct notify_parameters {
    const char *title, *body, *url, *profile;
    bool failed;
};

static const struct json_field notify_fields[] = {
    {"title", JSON_STRING, offsetof(struct notify_parameters, title), true},
    {"body", JSON_STRING, offsetof(struct notify_parameters, body), false},
    {"url", JSON_STRING, offsetof(struct notify_parameters, url), false},
    {"profile", JSON_STRING, offsetof(struct notify_parameters, profile), false},
    {"failed", JSON_BOOLEAN, offsetof(struct notify_parameters, failed), false},
    {0},
};

static int show(struct notice *notice, const struct notify_parameters *p)
{
    const struct notification_text text = {
        .title = p->title,
        .body = p->body,
        .kind = p->url      ? NOTIFICATION_OPEN
                : p->failed ? NOTIFICATION_FAILED
                            : NOTIFICATION_DONE,
    };

    int r = string_replace(&notice->url, p->url);
    if (r >= 0)
        r = string_replace(&notice->profile, p->profile);
    return r < 0 ? r
                 : notification_show(notice->desktop->event, &text, on_notification, notice,
                       &notice->notification);
}

static void notify(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct notify_parameters *p = parameters;
    struct desktop *desktop = userdata;

    if (!check_url(call, p->url))
        return;
    struct notice *notice = calloc(1, sizeof(*notice));
    if (!notice) {
        varlink_call_abandon(call);
        return;
    }
    notice->desktop = desktop;
    notice->call = call;
    desktop->n_busy++;
    if (show(notice, p) < 0)
        on_notification(NOTIFICATION_REFUSED, notice);
    else if (p->url)
        varlink_call_on_hangup(call, on_hangup, notice);
}

static const struct varlink_method *const methods[] = {
    &(const struct varlink_method){
        .name = "OpenURL",
        .parameters = open_fields,
        .size = sizeof(struct open_parameters),
        .handle = open_url,
    },
    &(const struct varlink_method){
        .name = "Notify",
        .parameters = notify_fields,
        .size = sizeof(struct notify_parameters),
        .handle = notify,
    },
    &desktop_store_key,
    &desktop_look_up_key,
    &desktop_clear_key,
    NULL,
};

void desktop_interface(
    struct desktop *desktop, const char *description, struct varlink_interface *ret)
{
    *ret = (struct varlink_interface){
        .name = INTERFACE,
        .description = description,
        .methods = methods,
        .userdata = desktop,
    };
}
