/* SPDX-License-Identifier: MIT */

/*
 * The floor: the least that a server on a UNIX socket can do. It reads a question up to its NUL
 * byte and sends an answer of so many bytes, without looking at either.
 *
 *     echo-server SOCKET ANSWER_BYTES
 *
 * Prints a line once it listens.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(fd, SOMAXCONN) < 0)
        die(path);
    return fd;
}

static void watch(int epoll_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl");
}

static void answer(int fd, const char *text, size_t size)
{
    char question[65536];
    ssize_t n = recv(fd, question, sizeof(question), MSG_DONTWAIT);

    if (n <= 0)
        close(fd);
    else if (question[n - 1] == '\0')
        (void)send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int main(int argc, char *argv[])
{
    struct epoll_event events[64];

    if (argc != 3) {
        fputs("Usage: echo-server SOCKET ANSWER_BYTES\n", stderr);
        return 2;
    }
    size_t size = (size_t)atoi(argv[2]);
    char *text = malloc(size);
    if (!text || size == 0)
        die("ANSWER_BYTES");
    memset(text, 'x', size);
    text[size - 1] = '\0';

    int listening = listen_at(argv[1]), epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    watch(epoll_fd, listening);
    puts("listening");
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(epoll_fd, events, 64, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd != listening) {
                answer(events[i].data.fd, text, size);
                continue;
            }
            int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd >= 0)
                watch(epoll_fd, fd);
        }
    }
}
