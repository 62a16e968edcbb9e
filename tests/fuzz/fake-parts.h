/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the daemon talks to, in the place of daemon/net, daemon/store and daemon/desktop/client.c:
 * an Airstore, a browser, a desktop and a disk that do what the target says.
 */

#include "tests/fuzz/fuzz.h"

/* Forgets everything. rows: what an earlier run has left, see fake-store.c. saving() runs before
 * anything is on the disk. */
void fake_parts_begin(struct fuzz_input rows, void (*saving)(void));

/* Whatever the daemon has begun, it has ended: no request, visit, or browser is left. */
void fake_parts_end(void);

/* Airstore: how many requests wait for an answer; and answers one of them, by a whole reply (header
 * lines, an empty one, the body), or not at all. */
unsigned fake_airstore_requests(void);
void fake_airstore_answer(unsigned i, const void *reply, size_t size);
void fake_airstore_fail(unsigned i);
/* Whether that request asks for a list of connections. */
bool fake_airstore_is_list(unsigned i);

/* A browser comes back: with this nonce, or (NULL) with the one that was given out last. */
void fake_browser_visit(const char *nonce_or_null);

/* What the desktop was asked for last is done, or not; and there is a key in its keyring. */
void fake_desktop_answer(const char *problem_or_null, bool has_key);

/* The network has changed. */
void fake_wakeup(void);

/* Whether the connection, and the session that it came of, are on the disk. */
bool fake_store_has(const char *connection_id);
/* The disk is full, or works again. */
void fake_store_fail(bool fail);
/* Whether that has ever been so. */
bool fake_store_has_failed(void);

/* Between the parts: the nonce of a callback that Airstore was told; the rows of an earlier run. */
void fake_browser_learn(const char *nonce, size_t size);
void fake_store_begin(struct fuzz_input rows, void (*saving)(void));
