/* SPDX-License-Identifier: MIT */
#include "daemon/notices.h"

#include "daemon/desktop/client.h"
#include "daemon/list.h"
#include "daemon/log.h"
#include "daemon/next-command.h"
#include "lib/api/integration.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

/* How long a program has for beginning to wait for what it has begun. */
#define GRACE_USEC ((uint64_t)3 * 1000000)

/* Of those that can be clicked, at a time: each keeps a helper running, and so many of them already
 * say that something is wrong. */
#define CLICKABLE_MAX 4

struct notice {
    struct notice *previous, *next;
    struct notices *notices;
    char *session_id;       /* of one that can be clicked */
    sd_event_source *timer; /* until it is shown */
    struct desktop_request *request;
};

struct notices {
    sd_event *event;
    const struct config *config;
    struct sessions *sessions;
    struct notice *all;
};

static void notice_free(struct notice *notice)
{
    LIST_REMOVE(notice->notices->all, notice);
    sd_event_source_disable_unref(notice->timer);
    desktop_forget(notice->request);
    free(notice->session_id);
    free(notice);
}

static struct notice *notice_new(struct notices *notices)
{
    struct notice *notice = calloc(1, sizeof(*notice));

    if (!notice)
        return NULL;
    notice->notices = notices;
    LIST_ADD(notices->all, notice);
    return notice;
}

/* Where, by lines of their own. */
static int append_place(struct buffer *body, const struct session *session)
{
    const char *separator = body->size > 0 ? "\n" : "";
    int r = session->workspace_id
                ? buffer_printf(body, "%sWorkspace %s", separator, session->workspace_id)
                : buffer_printf(body, "%sThe API key's own workspace", separator);

    if (r >= 0 && session->profile)
        r = buffer_printf(body, "\nProfile %s", session->profile);
    return r;
}

static int append_command(struct buffer *body, const struct session *session)
{
    _cleanup_buffer_ struct buffer command = {0};
    bool look = next_command_looks(session->failure);

    int r = next_command(&command, session->failure, session->integration_type,
        session->workspace_id, session->profile);
    if (r < 0 || command.size == 0)
        return r;
    return buffer_printf(body, "\n%s with: %s", look ? "Look" : "Try again", command.data);
}

/* The reason, where it was, and what to type next unless the reason says so itself. */
static int append_failure(struct buffer *body, const struct session *session)
{
    const char *error = session->error ? session->error : "";
    int r = buffer_append_string(body, error);

    if (r >= 0 && body->size > 0)
        body->data[0] = (char)toupper((unsigned char)body->data[0]);
    if (r >= 0)
        r = append_place(body, session);
    return r < 0 || strstr(error, "airstore-oauth ") ? r : append_command(body, session);
}

static char *body_of_end(const struct session *session)
{
    _cleanup_buffer_ struct buffer body = {0};
    int r = session->state == SESSION_COMPLETE ? append_place(&body, session)
                                               : append_failure(&body, session);

    return r < 0 ? NULL : buffer_take(&body);
}

static char *body_of_offer(const struct session *session)
{
    _cleanup_buffer_ struct buffer body = {0};
    int r = buffer_append_string(
        &body, "No browser could be opened by itself. Click to open the page.");

    if (r >= 0)
        r = append_place(&body, session);
    return r < 0 ? NULL : buffer_take(&body);
}

static void on_done(const char *problem, void *userdata)
{
    struct notice *notice = userdata;
    struct sessions *sessions = notice->notices->sessions;

    notice->request = NULL;
    if (!problem && notice->session_id)
        sessions_set_browser_opened(sessions, notice->session_id);
    else if (problem && *problem) /* not just closed */
        log_debug("A notification: %s", problem);
    notice_free(notice);
}

static void show(struct notice *notice, const struct desktop_notice *shown)
{
    if (desktop_notify(notice->notices->event, shown, on_done, notice, &notice->request) < 0)
        notice_free(notice); /* no desktop is no fault */
}

/* How it ended */

void notices_ended_alone(struct notices *notices, const struct session *session)
{
    bool complete = session->state == SESSION_COMPLETE;
    _cleanup_free_ char *body = body_of_end(session);
    char title[256];
    const struct desktop_notice shown = {.title = title, .body = body, .failed = !complete};

    if (!notices->config->notifications || session->failure == SESSION_CANCELLED)
        return;
    snprintf(title, sizeof(title), "%s %s", integration_name(session->integration_type),
        complete ? "is connected" : "was not connected");
    struct notice *notice = notice_new(notices);
    if (notice)
        show(notice, &shown);
}

/* That it wants to be approved */

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct notice *notice = userdata;
    const struct sessions *sessions = notice->notices->sessions;
    const struct session *session = sessions_find(sessions, notice->session_id);
    char title[256];

    if (!session || session_is_over(session) || !session->authorize_url ||
        session->browser_opened || sessions_is_awaited(sessions, notice->session_id)) {
        notice_free(notice);
        return 0;
    }
    _cleanup_free_ char *body = body_of_offer(session);
    snprintf(title, sizeof(title), "Approve the access to %s",
        integration_name(session->integration_type));
    notice->timer = sd_event_source_disable_unref(notice->timer);
    show(notice, &(const struct desktop_notice){
                     .title = title,
                     .body = body,
                     .url = session->authorize_url,
                     .profile = session->profile,
                 });
    return 0;
}

static struct notice *find(const struct notices *notices, const char *session_id)
{
    LIST_FOREACH (notice, notices->all) {
        if (notice->session_id && streq(notice->session_id, session_id))
            return notice;
    }
    return NULL;
}

static unsigned count_clickable(const struct notices *notices)
{
    unsigned n = 0;

    LIST_FOREACH (notice, notices->all)
        n += notice->session_id != NULL;
    return n;
}

void notices_browser_failed(struct notices *notices, const struct session *session)
{
    if (!notices->config->notifications || find(notices, session->session_id) ||
        count_clickable(notices) >= CLICKABLE_MAX)
        return;
    struct notice *notice = notice_new(notices);
    if (notice && (string_replace(&notice->session_id, session->session_id) < 0 ||
                      sd_event_add_time_relative(notices->event, &notice->timer, CLOCK_MONOTONIC,
                          GRACE_USEC, 0, on_timer, notice) < 0))
        notice_free(notice);
}

void notices_session_ended(struct notices *notices, const struct session *session)
{
    struct notice *notice = find(notices, session->session_id);

    if (notice)
        notice_free(notice);
}

int notices_new(
    sd_event *event, const struct config *config, struct sessions *sessions, struct notices **ret)
{
    struct notices *notices = calloc(1, sizeof(*notices));

    if (!notices)
        return -ENOMEM;
    *notices = (struct notices){.event = event, .config = config, .sessions = sessions};
    *ret = notices;
    return 0;
}

struct notices *notices_free(struct notices *notices)
{
    while (notices && notices->all)
        notice_free(notices->all);
    free(notices);
    return NULL;
}
