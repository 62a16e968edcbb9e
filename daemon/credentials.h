/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Where API keys come from, in this order: the systemd credential "airstore-api-key", the
 * environment variable AIRSTORE_API_KEY, a file that nobody else can read. A file that has changed
 * since the daemon started goes before all of them: it is what systemd would hand over next time,
 * and a key is to be changed without a restart.
 */

#include <stdbool.h>

/*
 * Finds the key of the default profile: *ret_key is NULL when there is none. Both are the caller's;
 * *ret_source is for people. What is wrong with a key is in the log. 0, -EINVAL for a key that
 * cannot be one, or another negative errno.
 */
int credentials_find(const char *file, char **ret_key, char **ret_source);

/* Reads the key of another profile from its file. As above. */
int credentials_read_file(const char *file, char **ret_key, char **ret_source);
