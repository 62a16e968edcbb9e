/* SPDX-License-Identifier: MIT */
#include "cli/secret.h"

#include "cli/problem.h"
#include "lib/base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>

#define SECRET_MAX ((size_t)32 * 1024)

/* Until the end of the file, or of the line when it is typed. Returns 0 or negative errno. */
static int read_all(int fd, bool line, struct buffer *buffer)
{
    for (;;) {
        int r = buffer_reserve(buffer, 512);
        if (r < 0)
            return r;
        ssize_t n = read(fd, buffer->data + buffer->size, 512);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        buffer->size += (size_t)n;
        if (n == 0 || (line && buffer->data[buffer->size - 1] == '\n'))
            return 0;
    }
}

static int read_typed(const char *what, struct buffer *buffer)
{
    struct termios before, unseen;

    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return -errno;
    unseen = before;
    unseen.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    /* No signals either: one that ended us would leave the terminal silent. Return gives up. */
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
    /* Now nobody can be quicker than that, and see what they type. */
    fprintf(stderr, "%c%s (it is not shown): ", what[0] & ~0x20, what + 1);
    int r = read_all(STDIN_FILENO, true, buffer);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    putc('\n', stderr);
    return r;
}

static int read_source(const char *file, const char *what, struct buffer *buffer)
{
    if (streq(file, "-"))
        return isatty(STDIN_FILENO) ? read_typed(what, buffer)
                                    : read_all(STDIN_FILENO, false, buffer);
    _cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : read_all(fd, false, buffer);
}

static void drop_line_end(struct buffer *buffer)
{
    if (buffer->size > 0 && buffer->data[buffer->size - 1] == '\n')
        buffer->data[--buffer->size] = '\0';
    if (buffer->size > 0 && buffer->data[buffer->size - 1] == '\r')
        buffer->data[--buffer->size] = '\0';
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
    const char *source = streq(file, "-") ? "the standard input" : file;

    int r = read_source(file, what, &buffer);
    if (r < 0) {
        complain("The %s cannot be read from %s: %s.", what, source,
            r == -EMSGSIZE ? "It is too large" : strerrordesc_np(-r));
        return r;
    }
    drop_line_end(&buffer);
    const char *problem = problem_of(&buffer);
    if (problem) {
        complain("The %s in %s %s.", what, source, problem);
        return -EINVAL;
    }
    *ret = buffer_take(&buffer);
    return 0;
}
