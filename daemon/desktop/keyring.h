/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * API keys in the person's keyring: org.freedesktop.secrets, over the session bus. This is a module
 * of its own, keyring.c, which is loaded when a key is asked for: the library for it brings along
 * what nothing else here needs, and need not be installed.
 */

/* Says which key. */
struct keyring_item {
    const char *base_url;
    const char *profile; /* NULL: the default */
};

#define KEYRING_PROBLEM_SIZE 512

/*
 * Each returns once it is done, which takes as long as the person takes to unlock a locked keyring:
 * 0, or -EIO and in problem, for people, what kept it from being done. The key that is looked up is
 * NULL when there is none; secret_free() is for it otherwise.
 */
struct keyring {
    int (*store)(const struct keyring_item *item, const char *api_key,
        char problem[static KEYRING_PROBLEM_SIZE]);
    int (*look_up)(const struct keyring_item *item, char **ret_api_key,
        char problem[static KEYRING_PROBLEM_SIZE]);
    int (*clear)(const struct keyring_item *item, char problem[static KEYRING_PROBLEM_SIZE]);
};

/* Loads it, for as long as this process runs. Returns NULL, and in problem why not, for people. */
const struct keyring *keyring_load(char problem[static KEYRING_PROBLEM_SIZE]);
