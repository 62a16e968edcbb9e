/* SPDX-License-Identifier: MIT */

/*
 * How long a program takes from exec to exit: runs it so many times, one after the other, with its
 * output thrown away, and prints the times in microseconds, a line each. The exit status of each
 * run has to be the one given.
 *
 *     spawn TIMES STATUS PROGRAM [ARGUMENT…]
 */

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double run(char *argv[], const posix_spawn_file_actions_t *actions, int wanted)
{
    struct timespec began, ended;
    int status;
    pid_t pid;

    clock_gettime(CLOCK_MONOTONIC, &began);
    if (posix_spawnp(&pid, argv[0], actions, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid)
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &ended);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != wanted)
        return -1;
    return (double)(ended.tv_sec - began.tv_sec) * 1e6 +
           (double)(ended.tv_nsec - began.tv_nsec) / 1e3;
}

int main(int argc, char *argv[])
{
    posix_spawn_file_actions_t actions;

    if (argc < 4) {
        fputs("Usage: spawn TIMES STATUS PROGRAM [ARGUMENT…]\n", stderr);
        return 2;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    double usec = 0;
    for (int i = atoi(argv[1]); i > 0 && usec >= 0; i--) {
        usec = run(&argv[3], &actions, atoi(argv[2]));
        if (usec >= 0)
            printf("%.1f\n", usec);
    }
    posix_spawn_file_actions_destroy(&actions);
    if (usec < 0)
        fprintf(stderr, "spawn: %s did not end as it should\n", argv[3]);
    return usec < 0;
}
