/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A stand-in for the daemon in the process of the test: an abstract socket that the test accepts
 * from by hand, so that every reply can come in whatever pieces and at whatever moment.
 */

#include "tests/unit/unit.h"

#include "lib/airstore-oauthd.h"

#include <poll.h>

#define TIMEOUT_MSEC 20000

#define CONNECTION(id)                                                                             \
    "{\"connection\":{\"connection_id\":\"" id "\",\"integration_type\":\"gmail\"}}"

struct fixture {
    int listener;
    char address[64];
    struct airstore_oauthd *oauthd;
};

/* Of every test: a handle whose address is that of the listener. */
int set_up(void **state);
int tear_down(void **state);

int accept_call(struct fixture *fixture);
void send_text(int fd, const char *text, size_t size);
/* Reads one call, up to its NUL. Returns the length without it. */
size_t read_call(int fd, char *text, size_t size);

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
