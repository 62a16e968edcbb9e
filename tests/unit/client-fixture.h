/* SPDX-License-Identifier: MIT */
#pragma once

/* What the tests of libairstore share: one airstore-sandbox for all of them, and for each a client
 * of its own that speaks to it. */

#include "tests/unit/unit.h"

#include "lib/airstore.h"
#include "lib/base/timestamp.h"
#include "tests/unit/sandbox-process.h"

/* For things that happen at once, on machines that are slow. Nothing that is interrupted would end
 * by itself within this. */
#define AT_ONCE_USEC (10 * USEC_PER_SEC)

extern struct sandbox_process *sandbox;
extern airstore_client *client;
extern airstore_error *error; /* NULL before each test, freed after it */

int client_set_up_sandbox(void **state);
int client_tear_down_sandbox(void **state);
int client_set_up(void **state);
int client_tear_down(void **state);
#define CLIENT_TEST(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, client_set_up, client_tear_down)

/* The call failed like this, with an error object that says so. Frees it. */
void assert_error(int r, int wanted, airstore_error_class class, int status);

void add_fault(const char *fault);

/* A session to work with; the test's requests are counted from here. */
airstore_session *create_session(void);

/* "approve", "deny" or "vanish". */
void decide(const char *decision, const airstore_session *session);
