/* SPDX-License-Identifier: MIT */
#include "tests/unit/oauthd-peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct sockaddr_un socket_address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof(sa_family_t); /* the kernel chooses an abstract name */

    assert_non_null(fixture);
    fixture->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fixture->listener, (struct sockaddr *)&socket_address, size), 0);
    assert_int_equal(listen(fixture->listener, 16), 0);
    size = sizeof(socket_address);
    assert_int_equal(getsockname(fixture->listener, (struct sockaddr *)&socket_address, &size), 0);
    int name = (int)(size - offsetof(struct sockaddr_un, sun_path) - 1);
    snprintf(fixture->address, sizeof(fixture->address), "unix:@%.*s", name,
        socket_address.sun_path + 1);
    assert_int_equal(airstore_oauthd_open(fixture->address, &fixture->oauthd), 0);
    *state = fixture;
    return 0;
}

int tear_down(void **state)
{
    struct fixture *fixture = *state;

    airstore_oauthd_close(fixture->oauthd);
    close(fixture->listener);
    free(fixture);
    return 0;
}

int accept_call(struct fixture *fixture)
{
    struct pollfd wait = {.fd = fixture->listener, .events = POLLIN};

    assert_int_equal(poll(&wait, 1, TIMEOUT_MSEC), 1);
    int fd = accept(fixture->listener, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

void send_text(int fd, const char *text, size_t size)
{
    assert_int_equal(send(fd, text, size, MSG_NOSIGNAL), (ssize_t)size);
}

size_t read_call(int fd, char *text, size_t size)
{
    size_t length = 0;

    while (length == 0 || text[length - 1] != '\0') {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&wait, 1, TIMEOUT_MSEC), 1);
        ssize_t n = recv(fd, text + length, size - length, 0);
        assert_true(n > 0);
        length += (size_t)n;
    }
    return length - 1;
}
