/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/browser.h"

#include "daemon/log.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>

#define WORDS_MAX 32
/* A command that runs for so long without failing is a browser, not one that hands the URL to a
 * browser and ends. */
#define SETTLED_USEC ((uint64_t)2 * 1000 * 1000)

struct browser_launch {
    sd_event *event;
    char *commands; /* what is left to be tried, or NULL */
    char *next;     /* within commands */
    char *url;
    char *name; /* of the command that is being tried */
    sd_event_source *child, *timer;
    void (*handler)(const char *problem, void *userdata);
    void *userdata;
};

struct words {
    char *all[WORDS_MAX + 1]; /* owned, ended by NULL */
    size_t n;
};

static void words_clear(struct words *words)
{
    for (size_t i = 0; i < words->n; i++)
        free(words->all[i]);
    words->n = 0;
}

/* A copy of the word, with the URL in the place of the first "%s". */
static char *expand(const char *word, const char *url, bool *placed)
{
    const char *place = *placed ? NULL : strstr(word, "%s");
    char *expanded;

    if (!place)
        return strdup(word);
    *placed = true;
    return asprintf(&expanded, "%.*s%s%s", (int)(place - word), word, url, place + 2) < 0
               ? NULL
               : expanded;
}

/* Splits a command (which is modified) into words with the URL among them. */
static int split(char *command, const char *url, struct words *words)
{
    bool placed = false;
    char *rest;

    for (char *word = strtok_r(command, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
        if (words->n + 1 >= WORDS_MAX)
            return -E2BIG;
        words->all[words->n] = expand(word, url, &placed);
        if (!words->all[words->n])
            return -ENOMEM;
        words->n++;
    }
    if (words->n == 0)
        return -EINVAL;
    if (!placed) {
        words->all[words->n] = strdup(url);
        if (!words->all[words->n])
            return -ENOMEM;
        words->n++;
    }
    return 0;
}

/* Starts it in a session of its own, with signals as a program expects them and nothing of ours
 * open. */
static int spawn(char *const words[], pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    int code = posix_spawnp(ret_pid, words[0], &actions, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -code;
}

static void launch_free(struct browser_launch *launch)
{
    sd_event_source_disable_unref(launch->child);
    sd_event_source_disable_unref(launch->timer);
    sd_event_unref(launch->event);
    free(launch->commands);
    secret_free(launch->url);
    free(launch->name);
    free(launch);
}

static void conclude(struct browser_launch *launch, const char *problem)
{
    void (*handler)(const char *problem, void *userdata) = launch->handler;
    void *userdata = launch->userdata;

    /* The child goes on; somebody has to collect it when it ends. */
    if (launch->child) {
        sd_event_source_set_floating(launch->child, true);
        sd_event_source_set_userdata(launch->child, NULL);
        launch->child = sd_event_source_unref(launch->child);
    }
    launch_free(launch);
    if (handler)
        handler(problem, userdata);
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata);

/* Starts the next command. Returns false when there is none, with the reason that the last one
 * failed in the text. */
static bool try_next(struct browser_launch *launch, char *problem, size_t size)
{
    char *command;

    while ((command = strsep(&launch->next, ":"))) {
        _cleanup_(words_clear) struct words words = {0};
        pid_t pid;

        int r = split(command, launch->url, &words);
        if (r == -EINVAL)
            continue;
        if (r >= 0)
            (void)string_replace(&launch->name, words.all[0]);
        if (r >= 0)
            r = spawn(words.all, &pid);
        if (r >= 0) {
            launch->child = sd_event_source_disable_unref(launch->child);
            r = sd_event_add_child(launch->event, &launch->child, pid, WEXITED, on_child, launch);
        }
        if (r >= 0)
            return true;
        snprintf(problem, size, "%s could not be started: %s",
            launch->name ? launch->name : command, strerror(-r));
    }
    return false;
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
    struct browser_launch *launch = userdata;
    char problem[256];

    if (!launch) { /* told long ago */
        sd_event_source_set_floating(source, false);
        return 0;
    }
    if (info->si_code == CLD_EXITED && info->si_status == 0) {
        launch->child = sd_event_source_disable_unref(launch->child);
        conclude(launch, NULL);
        return 0;
    }
    if (info->si_code == CLD_EXITED)
        snprintf(problem, sizeof(problem), "%s failed with exit status %d", launch->name,
            info->si_status);
    else
        snprintf(
            problem, sizeof(problem), "%s was ended by signal %d", launch->name, info->si_status);
    log_info("Opening a browser: %s", problem);
    if (!try_next(launch, problem, sizeof(problem))) {
        launch->child = sd_event_source_disable_unref(launch->child);
        conclude(launch, problem);
    }
    return 0;
}

static int on_settled(sd_event_source *source, uint64_t usec, void *userdata)
{
    conclude(userdata, NULL);
    return 0;
}

int browser_open(sd_event *event, const char *command, const char *url,
    void (*handler)(const char *problem, void *userdata), void *userdata,
    struct browser_launch **ret)
{
    struct browser_launch *launch = calloc(1, sizeof(*launch));
    char problem[256] = "no command for opening a browser is set";

    if (!launch)
        return -ENOMEM;
    launch->event = sd_event_ref(event);
    launch->handler = handler;
    launch->userdata = userdata;
    int r = string_replace(&launch->commands, command ? command : "xdg-open");
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
    if (!try_next(launch, problem, sizeof(problem))) {
        log_info("Opening a browser: %s", problem);
        launch_free(launch);
        return -ENOENT;
    }
    *ret = launch;
    return 0;
}

struct browser_launch *browser_forget(struct browser_launch *launch)
{
    if (launch) {
        launch->handler = NULL;
        conclude(launch, NULL);
    }
    return NULL;
}
