/* SPDX-License-Identifier: MIT */
#include "cli/child.h"

#include "lib/base/buffer.h"
#include "lib/base/program.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#define TIMEOUT_USEC (5 * USEC_PER_SEC)
#define OUTPUT_MAX ((size_t)1024 * 1024)

/* Everything up to the end; 0 or negative errno. */
static int read_all(int fd, struct buffer *output)
{
    int64_t end = timestamp_now(CLOCK_MONOTONIC) + TIMEOUT_USEC;
    char chunk[4096];

    for (;;) {
        int64_t left = end - timestamp_now(CLOCK_MONOTONIC);
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int ready = left > 0 ? poll(&wait, 1, (int)(left / USEC_PER_MSEC) + 1) : 0;
        if (ready == 0)
            return -ETIMEDOUT;
        if (ready < 0 && errno == EINTR) /* as after Ctrl-Z; reading could take for ever now */
            continue;
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        int r = buffer_append(output, chunk, (size_t)n);
        if (r < 0)
            return r;
    }
}

/* Who has nothing more to say is given the time to end. */
static void end(pid_t pid, bool at_once)
{
    _cleanup_close_ int fd = pidfd_open(pid, 0);
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    if (at_once || TEMP_FAILURE_RETRY(poll(&wait, 1, TIMEOUT_USEC / USEC_PER_MSEC)) == 0)
        (void)kill(pid, SIGKILL);
}

int child_ask(const char *const *argv, char **ret_output)
{
    _cleanup_buffer_ struct buffer output = {.limit = OUTPUT_MAX};
    _cleanup_close_ int reading = -1, writing = -1;
    int pipes[2], status = 0;
    pid_t pid = 0;

    if (pipe2(pipes, O_CLOEXEC) < 0)
        return -errno;
    reading = pipes[0];
    writing = pipes[1];
    int r = program_start(argv, (struct program_files){-1, writing, -1}, &pid);
    if (r < 0)
        return r;
    close(TAKE_FD(writing));
    r = read_all(reading, &output);
    end(pid, r < 0);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (r >= 0)
        r = buffer_append_string(&output, ""); /* also where nothing was said */
    if (r < 0)
        return r;
    *ret_output = buffer_take(&output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
