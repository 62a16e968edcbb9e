/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/launch.h"

#include "daemon/mistake.h"
#include "lib/base/command.h"
#include "lib/base/program.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>

#define PROBLEMS_MAX ((size_t)2048)
/* A command that runs for so long without failing is a browser, not one that hands the URL to a
 * browser and ends. */
#define SETTLED_USEC ((uint64_t)2 * 1000 * 1000)

struct launch {
    sd_event *event;
    char *commands; /* what is left to be tried, or NULL */
    char *next;     /* within commands */
    char *url;
    char *name; /* of the command that is being tried */
    sd_event_source *child, *timer;
    struct buffer problems; /* of the commands that failed */
    bool failed;            /* none is left */
    desktop_handler handler;
    void *userdata;
};

static void launch_free(struct launch *launch)
{
    sd_event_source_disable_unref(launch->child);
    sd_event_source_disable_unref(launch->timer);
    sd_event_unref(launch->event);
    free(launch->commands);
    secret_free(launch->url);
    free(launch->name);
    buffer_clear(&launch->problems);
    free(launch);
}

static void conclude(struct launch *launch)
{
    desktop_handler handler = launch->handler;
    void *userdata = launch->userdata;
    _cleanup_free_ char *problem = launch->failed ? buffer_take(&launch->problems) : NULL;
    const char *told = launch->failed && !problem ? "no command is set" : problem;

    /* The child goes on; somebody has to collect it when it ends. */
    if (launch->child) {
        sd_event_source_set_floating(launch->child, true);
        sd_event_source_set_userdata(launch->child, NULL);
        launch->child = sd_event_source_unref(launch->child);
    }
    launch_free(launch);
    handler(told, userdata);
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata);

/* Starts the next command. Returns false when there is none. */
static bool try_next(struct launch *launch)
{
    char *text;

    while ((text = strsep(&launch->next, ":"))) {
        _cleanup_(command_clear) struct command command = {0};
        pid_t pid;

        int r = command_split(text, launch->url, &command);
        if (r == -EINVAL)
            continue;
        const char *name = command.n > 0 ? command.word[0] : "the command";
        if (strstr(name, launch->url)) /* "%s" stood in it */
            name = "the command";
        if (r >= 0)
            r = string_replace(&launch->name, name);
        if (r >= 0)
            r = program_start((const char *const *)command.word, PROGRAM_SILENT, &pid);
        if (r >= 0) {
            launch->child = sd_event_source_disable_unref(launch->child);
            r = sd_event_add_child(launch->event, &launch->child, pid, WEXITED, on_child, launch);
        }
        if (r >= 0) {
            sd_event_source_set_time_relative(launch->timer, SETTLED_USEC);
            return true;
        }
        mistake_note(&launch->problems, "%s could not be started: %s", name, strerror(-r));
    }
    return false;
}

/* Tells of the failure from the loop, and not from within the call that asked for a browser. */
static void give_up(struct launch *launch)
{
    launch->failed = true;
    sd_event_source_set_time_relative(launch->timer, 0);
}

/* The two that xdg-open(1) has for this. */
static const char *explain(const char *name, int status)
{
    return streq(name, "xdg-open") && (status == 3 || status == 4) ? " (it found no browser)" : "";
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
    struct launch *launch = userdata;

    if (!launch) { /* told long ago */
        sd_event_source_set_floating(source, false);
        return 0;
    }
    launch->child = sd_event_source_disable_unref(launch->child);
    if (info->si_code == CLD_EXITED && info->si_status == 0) {
        conclude(launch);
        return 0;
    }
    if (info->si_code == CLD_EXITED)
        mistake_note(&launch->problems, "%s failed with exit status %d%s", launch->name,
            info->si_status, explain(launch->name, info->si_status));
    else
        mistake_note(&launch->problems, "%s was ended by signal %d", launch->name, info->si_status);
    if (!try_next(launch))
        give_up(launch);
    return 0;
}

static int on_settled(sd_event_source *source, uint64_t usec, void *userdata)
{
    conclude(userdata);
    return 0;
}

int launch_command(
    sd_event *event, const char *command, const char *url, desktop_handler handler, void *userdata)
{
    struct launch *launch = calloc(1, sizeof(*launch));

    if (!launch)
        return -ENOMEM;
    launch->event = sd_event_ref(event);
    launch->handler = handler;
    launch->userdata = userdata;
    launch->problems.limit = PROBLEMS_MAX;
    int r = string_replace(&launch->commands, command);
    if (r >= 0)
        r = string_replace(&launch->url, url);
    if (r >= 0)
        r = sd_event_add_time_relative(
            event, &launch->timer, CLOCK_MONOTONIC, SETTLED_USEC, 0, on_settled, launch);
    if (r < 0) {
        launch_free(launch);
        return r;
    }
    launch->next = launch->commands;
    if (!try_next(launch))
        give_up(launch);
    return 0;
}
