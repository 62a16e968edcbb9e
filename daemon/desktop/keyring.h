/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * API keys in the person's keyring: org.freedesktop.secrets, over the session bus. Each function
 * returns once it is done, which takes as long as the person takes to unlock a locked keyring.
 */

/* Says which key. */
struct keyring_item {
    const char *base_url;
    const char *profile; /* NULL: the default */
};

#define KEYRING_PROBLEM_SIZE 512

/*
 * Each returns 0, or -EIO and in problem, for people, what kept it from being done. The key that is
 * looked up is NULL when there is none, and secret_free() is for it otherwise.
 */
int keyring_store(const struct keyring_item *item, const char *api_key,
    char problem[static KEYRING_PROBLEM_SIZE]);
int keyring_look_up(
    const struct keyring_item *item, char **ret_api_key, char problem[static KEYRING_PROBLEM_SIZE]);
int keyring_clear(const struct keyring_item *item, char problem[static KEYRING_PROBLEM_SIZE]);
