/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/keyring.h"

#include <errno.h>
#include <stdio.h>

/* For a build without libsecret. */
static int refuse(char problem[static KEYRING_PROBLEM_SIZE])
{
    snprintf(problem, KEYRING_PROBLEM_SIZE, "airstore-oauthd was built without it (libsecret)");
    return -EIO;
}

int keyring_store(
    const struct keyring_item *item, const char *api_key, char problem[static KEYRING_PROBLEM_SIZE])
{
    return refuse(problem);
}

int keyring_look_up(
    const struct keyring_item *item, char **ret_api_key, char problem[static KEYRING_PROBLEM_SIZE])
{
    return refuse(problem);
}

int keyring_clear(const struct keyring_item *item, char problem[static KEYRING_PROBLEM_SIZE])
{
    return refuse(problem);
}
