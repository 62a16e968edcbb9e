/* SPDX-License-Identifier: MIT */

/*
 * airstore-oauth-desktop: the helper in the person's own session. Serves ai.airstore.Desktop on its
 * standard input, a connected socket, and ends when that is closed and nothing is left to do.
 * systemd starts one for each connection; without systemd, the daemon does.
 */

#include "daemon/desktop-interface.h"
#include "daemon/desktop/browser.h"
#include "daemon/desktop/choice.h"
#include "daemon/desktop/notification.h"
#include "daemon/log.h"
#include "daemon/varlink/server.h"
#include "lib/base/url.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

static const struct varlink_limits limits = {
    .connections = 1,
    .connections_per_peer = 1,
    .message_size = (size_t)64 * 1024,
    .queued_replies = (size_t)64 * 1024,
    .error = "ai.airstore.Desktop.Unavailable",
};

static const struct varlink_about about = {
    .vendor = "Airstore",
    .product = "airstore-oauth-desktop",
    .version = VERSION,
    .url = "https://airstore.ai",
};

struct desktop {
    sd_event *event;
    struct varlink_server *server;
    unsigned n_busy; /* calls and notifications that are not done with */
};

static void fail(struct varlink_call *call, const char *error, const char *message)
{
    _cleanup_json_ struct json_object *parameters = json_object_new_object();

    if (!parameters || json_add_string(parameters, "message", message) < 0)
        varlink_call_abandon(call);
    else
        varlink_call_fail(call, error, TAKE_PTR(parameters));
}

/* Whoever asks has checked it as well; this is the side that must not be fooled. */
static bool check_url(struct varlink_call *call, const char *url)
{
    const char *problem = url ? url_problem(url) : NULL;

    if (problem)
        fail(call, "ai.airstore.Desktop.InvalidURL", problem);
    return !problem;
}

/* Calls and notifications each keep the helper alive; whatever else happens, it does not outlive
 * its usefulness. */
struct task {
    struct desktop *desktop;
    struct varlink_call *call;
};

static struct task *task_new(struct desktop *desktop, struct varlink_call *call)
{
    struct task *task = calloc(1, sizeof(*task));

    if (!task) {
        varlink_call_abandon(call);
        return NULL;
    }
    task->desktop = desktop;
    task->call = call;
    desktop->n_busy++;
    return task;
}

static void task_done(struct task *task, const char *problem)
{
    task->desktop->n_busy--;
    if (problem)
        fail(task->call, "ai.airstore.Desktop.Unavailable", problem);
    else
        varlink_call_reply(task->call, NULL);
    free(task);
}

/* In the person's browser, whoever asks. */
static int open_chosen(struct desktop *desktop, const char *profile, const char *url,
    void (*handler)(const char *problem, void *userdata), void *userdata)
{
    _cleanup_free_ char *command = NULL;

    int r = choice_of_browser(profile, &command);
    return r < 0 ? r : browser_open(desktop->event, command, url, handler, userdata);
}

static void on_browser(const char *problem, void *userdata)
{
    task_done(userdata, problem);
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
    struct task *task;

    if (!check_url(call, p->url))
        return;
    task = task_new(desktop, call);
    if (task && open_chosen(desktop, p->profile, p->url, on_browser, task) < 0)
        task_done(task, "out of memory");
}

struct notify_parameters {
    const char *title, *body, *url, *profile;
};

static const struct json_field notify_fields[] = {
    {"title", JSON_STRING, offsetof(struct notify_parameters, title), true},
    {"body", JSON_STRING, offsetof(struct notify_parameters, body), false},
    {"url", JSON_STRING, offsetof(struct notify_parameters, url), false},
    {"profile", JSON_STRING, offsetof(struct notify_parameters, profile), false},
    {0},
};

/* A notification, until nothing more can come of it. */
struct shown {
    struct desktop *desktop;
    struct task *task; /* the call, until it is shown */
    char *url, *profile;
};

static void shown_free(struct shown *shown)
{
    shown->desktop->n_busy--;
    free(shown->url);
    free(shown->profile);
    free(shown);
}

static void on_clicked_browser(const char *problem, void *userdata)
{
    shown_free(userdata);
}

static void on_notification(enum notification_news news, void *userdata)
{
    struct shown *shown = userdata;

    if (shown->task)
        task_done(TAKE_PTR(shown->task),
            news == NOTIFICATION_FAILED ? "there is no service for notifications" : NULL);
    if (news == NOTIFICATION_SHOWN && shown->url)
        return; /* more will come */
    if (news == NOTIFICATION_CLICKED &&
        open_chosen(shown->desktop, shown->profile, shown->url, on_clicked_browser, shown) >= 0)
        return;
    shown_free(shown);
}

static void notify(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct notify_parameters *p = parameters;
    struct desktop *desktop = userdata;
    struct notification *notification;

    if (!check_url(call, p->url))
        return;
    struct shown *shown = calloc(1, sizeof(*shown));
    if (!shown) {
        varlink_call_abandon(call);
        return;
    }
    shown->desktop = desktop;
    desktop->n_busy++;
    shown->task = task_new(desktop, call);
    int r = shown->task ? string_replace(&shown->url, p->url) : -ENOMEM;
    if (r >= 0)
        r = string_replace(&shown->profile, p->profile);
    if (r >= 0)
        r = notification_show(desktop->event, p->title, p->body, p->url != NULL, on_notification,
            shown, &notification);
    if (r < 0)
        on_notification(NOTIFICATION_FAILED, shown);
}

static const struct varlink_method methods[] = {
    {
        .name = "OpenURL",
        .parameters = open_fields,
        .size = sizeof(struct open_parameters),
        .handle = open_url,
    },
    {
        .name = "Notify",
        .parameters = notify_fields,
        .size = sizeof(struct notify_parameters),
        .handle = notify,
    },
};

/* After everything that happens: is there anything left to be here for? */
static int on_post(sd_event_source *source, void *userdata)
{
    struct desktop *desktop = userdata;

    if (varlink_server_connections(desktop->server) == 0 && desktop->n_busy == 0)
        sd_event_exit(desktop->event, 0);
    return 0;
}

static int run(void)
{
    struct desktop desktop = {0};
    const struct varlink_interface interface = {
        .name = "ai.airstore.Desktop",
        .description = interface_description,
        .methods = methods,
        .n_methods = ARRAY_SIZE(methods),
        .userdata = &desktop,
    };
    sigset_t child;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, NULL); /* for the loop's child sources */
    (void)signal(SIGPIPE, SIG_IGN);
    int r = sd_event_default(&desktop.event);
    if (r >= 0)
        r = varlink_server_new(desktop.event, &about, &limits, &desktop.server);
    if (r >= 0)
        r = varlink_server_add_interface(desktop.server, &interface);
    if (r >= 0) {
        int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        r = fd < 0 ? -errno : varlink_server_connect(desktop.server, fd, false);
    }
    if (r >= 0)
        r = sd_event_add_post(desktop.event, NULL, on_post, &desktop);
    if (r >= 0)
        r = sd_event_loop(desktop.event);
    varlink_server_free(desktop.server);
    sd_event_unref(desktop.event);
    return r;
}

int main(int argc, char *argv[])
{
    if (argc > 1 && streq(argv[1], "--version")) {
        puts("airstore-oauth-desktop " VERSION);
        return EXIT_SUCCESS;
    }
    if (argc > 1 || sd_is_socket_unix(STDIN_FILENO, SOCK_STREAM, 0, NULL, 0) <= 0) {
        fputs("airstore-oauth-desktop is started by systemd or by airstore-oauthd, with a socket "
              "as its "
              "standard input.\n",
            stderr);
        return 2;
    }
    return run() < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
