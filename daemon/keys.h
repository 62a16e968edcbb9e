/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The API keys that are in the person's keyring. One is asked for when it is needed and not before,
 * for the person may have to unlock the keyring, and is in the configuration from then on.
 */

#include "daemon/config.h"
#include "lib/api/response.h"

#include <systemd/sd-event.h>

struct keys;

/* A call waits so long for the person; the key is taken later all the same. */
#define KEYS_WAIT_USEC ((uint64_t)10 * 1000000)

/* looked_up: runs whenever the keyring has been asked, of the profile as it is now, which may have
 * a key then, or not; NULL when there is no such profile any more. The configuration is borrowed. 0
 * or -ENOMEM. */
int keys_new(sd_event *event, struct config *config,
    void (*looked_up)(const struct profile *profile_or_null, void *userdata), void *userdata,
    struct keys **ret);
/* Whoever waits is told, and has to be there still. Returns NULL; NULL is fine. */
struct keys *keys_free(struct keys *keys);

/*
 * For what a person has asked for. Returns true when the profile's key has to be waited for: the
 * handler runs once, from the loop, when the key has come, cannot be had, or takes too long.
 * Returns false when there is nothing to wait for, and the handler will not run.
 */
bool keys_await(struct keys *keys, const struct profile *profile, void (*handler)(void *userdata),
    void *userdata);

/* For what nobody has asked for just now: the keyring is asked unless that has failed before.
 * Returns whether it is being asked. */
bool keys_want(struct keys *keys, const struct profile *profile);

/* Notes whether Airstore takes the key that was sent to this URL. userdata is the keys. */
void keys_note_answer(
    const char *url, const char *api_key, const struct api_error *error, void *userdata);

/*
 * Stores the profile's key in the keyring, or removes it from there when it is NULL. The handler
 * runs once, from the loop: problem is NULL, or a sentence for people. 0 or negative errno, and the
 * handler will not run.
 */
int keys_store(struct keys *keys, const struct profile *profile, const char *api_key_or_null,
    void (*handler)(const char *problem, void *userdata), void *userdata);
