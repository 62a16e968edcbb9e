/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/keyring.h"

#include "lib/base/memory.h"
#include "lib/base/program.h"

#include <dlfcn.h>
#include <stdio.h>

const struct keyring *keyring_load(char problem[static KEYRING_PROBLEM_SIZE])
{
    _cleanup_free_ char *path = NULL;
    void *module = program_beside("airstore-oauth-keyring.so", &path) < 0
                       ? NULL
                       : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct keyring *keyring = module ? dlsym(module, "airstore_keyring") : NULL;
    const char *error = keyring ? NULL : dlerror();

    if (!keyring)
        snprintf(problem, KEYRING_PROBLEM_SIZE,
            "this takes libsecret (in Debian: libsecret-1-0) and an airstore-oauthd that was built "
            "with it%s%s",
            error ? ": " : "", error ? error : "");
    return keyring;
}
