/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void set_files(posix_spawn_file_actions_t *actions, int input_fd)
{
    if (input_fd >= 0)
        posix_spawn_file_actions_adddup2(actions, input_fd, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (input_fd < 0)
        posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    /* Ours are closed by themselves; but libcurl opens some that would stay, the connection to
     * Airstore among them. */
    posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

/* Signals as a program expects them. */
static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
}

static int spawn(char *const words[], int input_fd, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    set_files(&actions, input_fd);
    set_attributes(&attributes);
    int code = posix_spawnp(ret_pid, words[0], &actions, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -code;
}

int spawn_program(char *const words[], pid_t *ret_pid)
{
    return spawn(words, -1, ret_pid);
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
    return sd_event_source_set_floating(source, 0);
}

int spawn_detached(sd_event *event, char *const words[], int input_fd)
{
    sd_event_source *child;
    pid_t pid;

    int r = spawn(words, input_fd, &pid);
    if (r < 0)
        return r;
    r = sd_event_add_child(event, &child, pid, WEXITED, on_child, NULL);
    if (r < 0)
        return r;
    (void)sd_event_source_set_floating(child, 1);
    sd_event_source_unref(child);
    return 0;
}
