/* SPDX-License-Identifier: MIT */
#include "lib/base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int set_file(posix_spawn_file_actions_t *actions, int target, int fd)
{
    if (fd >= 0)
        return posix_spawn_file_actions_adddup2(actions, fd, target);
    return posix_spawn_file_actions_addopen(
        actions, target, "/dev/null", target == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
}

static int set_files(posix_spawn_file_actions_t *actions, const struct program_files *files)
{
    int code = set_file(actions, STDIN_FILENO, files->input);

    if (code == 0)
        code = set_file(actions, STDOUT_FILENO, files->output);
    if (code == 0)
        code = set_file(actions, STDERR_FILENO, files->error);
    /* Ours are closed by themselves; but libcurl opens some that would stay, the connection to
     * Airstore among them. */
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    return code;
}

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

int program_start(const char *const words[], struct program_files files, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    set_attributes(&attributes);
    int code = set_files(&actions, &files);
    if (code == 0)
        code = posix_spawnp(
            ret_pid, words[0], &actions, &attributes, (char *const *)(uintptr_t)words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -code;
}

int program_beside(const char *name, char **ret)
{
    char self[PATH_MAX];
    char *path;

    ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
    if (n < 0)
        return -errno;
    const char *slash = memrchr(self, '/', (size_t)n);
    if (!slash || asprintf(&path, "%.*s/%s", (int)(slash - self), self, name) < 0)
        return slash ? -ENOMEM : -ENOENT;
    *ret = path;
    return 0;
}
