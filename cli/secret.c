/* SPDX-License-Identifier: MIT */
#include "cli/secret.h"

#include "cli/problem.h"
#include "lib/base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>

#define SECRET_MAX ((size_t)32 * 1024)

/* Of what is typed, a terminal drops without a word what is behind so many bytes of a line. */
#define TYPED_MAX 4095

/* Until the end of the file, or of the line when it is typed, which a signal outside of the mask
 * ends. Returns 0 or negative errno. */
static int read_all(int fd, const sigset_t *mask_or_null, struct buffer *buffer)
{
    struct pollfd typed = {.fd = fd, .events = POLLIN};

    for (;;) {
        int r = buffer_reserve(buffer, 512);
        if (r < 0)
            return r;
        if (mask_or_null && ppoll(&typed, 1, NULL, mask_or_null) < 0)
            return -errno;
        ssize_t n = read(fd, buffer->data + buffer->size, 512);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        buffer->size += (size_t)n;
        if (n == 0 || (mask_or_null && buffer->data[buffer->size - 1] == '\n'))
            return 0;
    }
}

static void do_nothing(int signal) {}

/* What ends a program, which must not happen while the terminal is silent: it only ends the
 * waiting. */
static const int ending[] = {SIGINT, SIGTERM, SIGHUP};

struct held {
    sigset_t mask;
    struct sigaction actions[ARRAY_SIZE(ending)];
};

static void hold_signals(struct held *ret)
{
    const struct sigaction noted = {.sa_handler = do_nothing};
    sigset_t mask;

    sigemptyset(&mask);
    for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
        sigaddset(&mask, ending[i]);
    sigprocmask(SIG_BLOCK, &mask, &ret->mask);
    for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
        sigaction(ending[i], &noted, &ret->actions[i]);
}

static void release_signals(const struct held *held)
{
    for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
        sigaction(ending[i], &held->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &held->mask, NULL);
}

static void drop_line_end(struct buffer *buffer)
{
    if (buffer->size > 0 && buffer->data[buffer->size - 1] == '\n')
        buffer->data[--buffer->size] = '\0';
    if (buffer->size > 0 && buffer->data[buffer->size - 1] == '\r')
        buffer->data[--buffer->size] = '\0';
}

static int read_typed(const char *what, struct buffer *buffer)
{
    struct termios before, unseen;
    struct held held;

    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return -errno;
    hold_signals(&held);
    unseen = before;
    unseen.c_lflag &= ~(tcflag_t)ECHO;
    unseen.c_cc[VQUIT] = unseen.c_cc[VSUSP] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
    /* Now nobody can be quicker than that, and see what they type. */
    fprintf(stderr, "%c%s (it is not shown): ", what[0] & ~0x20, what + 1);
    int r = read_all(STDIN_FILENO, &held.mask, buffer);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    putc('\n', stderr);
    release_signals(&held);
    if (r >= 0)
        drop_line_end(buffer);
    return r >= 0 && buffer->size >= TYPED_MAX ? -E2BIG : r;
}

static bool is_typed(const char *file)
{
    return streq(file, "-") && isatty(STDIN_FILENO);
}

static int read_source(const char *file, const char *what, struct buffer *buffer)
{
    if (is_typed(file))
        return read_typed(what, buffer);
    if (streq(file, "-"))
        return read_all(STDIN_FILENO, NULL, buffer);
    _cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : read_all(fd, NULL, buffer);
}

/* What keeps this from being a credential, or NULL. */
static const char *problem_of(const struct buffer *buffer)
{
    if (buffer->size == 0)
        return "is empty";
    for (size_t i = 0; i < buffer->size; i++) {
        unsigned char c = (unsigned char)buffer->data[i];
        if (c < 0x20 || c == 0x7f)
            return "contains control characters or several lines";
    }
    return NULL;
}

int secret_read(const char *file, const char *what, char **ret)
{
    _cleanup_buffer_ struct buffer buffer = {.limit = SECRET_MAX};
    const char *source = is_typed(file)     ? "the terminal"
                         : streq(file, "-") ? "the standard input"
                                            : file;

    int r = read_source(file, what, &buffer);
    if (r == -EINTR) {
        complain("Cancelled: nothing was stored.");
        return r;
    }
    if (r == -E2BIG) {
        complain(
            "The %s is too long to be typed: terminals cut a line at %d bytes.", what, TYPED_MAX);
        return r;
    }
    if (r < 0) {
        complain("The %s cannot be read from %s: %s.", what, source,
            r == -EMSGSIZE ? "It is too large" : strerrordesc_np(-r));
        return r;
    }
    drop_line_end(&buffer);
    const char *problem = problem_of(&buffer);
    if (problem) {
        complain("The %s from %s %s.", what, source, problem);
        return -EINVAL;
    }
    *ret = buffer_take(&buffer);
    return 0;
}
