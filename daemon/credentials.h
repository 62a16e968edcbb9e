/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Where API keys come from, in this order: the systemd credential "airstore-api-key", the
 * environment variable AIRSTORE_API_KEY, a file that nobody else can read. The credential is a copy
 * of that file, of when the daemon started: where systemd hands credentials over, a file that has
 * changed since goes first, so that a key can be changed without a restart.
 */

#include "daemon/mistake.h"

#include <stdbool.h>

/* Whether the text can be a key: one word, not empty, not too long. */
bool credentials_is_key(const char *text);

/*
 * Finds the key of the default profile: *ret_key is NULL when there is none, else kept in the vault
 * for the caller, who releases it. *ret_source is the caller's, and for people. 0, or negative
 * errno; what is wrong with a key is among the mistakes then.
 */
int credentials_find(
    const char *file, struct buffer *mistakes, const char **ret_key, char **ret_source);

/* Reads the key of another profile from its file. As above. */
int credentials_read_file(
    const char *file, struct buffer *mistakes, const char **ret_key, char **ret_source);
