/* SPDX-License-Identifier: MIT */
#pragma once

/* The file that login keeps the API key in, and that the daemon reads:
 * $XDG_CONFIG_HOME/airstore-oauthd/api-key. */

#include <stdbool.h>

/* 0 and a path that the caller frees, or negative errno: -ENOENT when no variable says where. */
int key_file_path(char **ret);

/* As the daemon reads api-key-file: "~/" is the home directory. 0 and a path that the caller frees,
 * or -ENOMEM. */
int key_file_resolve(const char *path, char **ret);

/* What stands in the file when the key is in the keyring. */
#define KEY_FILE_KEYRING "keyring"

/* Whether it says so. */
bool key_file_says_keyring(const char *path);

/* Replaces the file, which nobody else can read, in one step: it never holds half a key. 0 or
 * negative errno. */
int key_file_write(const char *path, const char *key);
