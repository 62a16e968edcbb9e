/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/keyring.h"

#include "lib/base/memory.h"

#include <dlfcn.h>
#include <stdio.h>

#define MODULE "airstore-oauth-keyring.so"

/* It lies beside this program, installed or not. Returns NULL when it cannot be loaded. */
static void *open_module(void)
{
    char path[4096];

    ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
    if (n < 0 || (size_t)n >= sizeof(path))
        return NULL;
    path[n] = '\0';
    char *name = strrchr(path, '/') + 1;
    if ((size_t)(name - path) + sizeof(MODULE) > sizeof(path))
        return NULL;
    strcpy(name, MODULE);
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

const struct keyring *keyring_load(char problem[static KEYRING_PROBLEM_SIZE])
{
    void *module = open_module();
    const struct keyring *keyring = module ? dlsym(module, "airstore_keyring") : NULL;
    const char *error = keyring ? NULL : dlerror();

    if (!keyring)
        snprintf(problem, KEYRING_PROBLEM_SIZE,
            "this takes libsecret (in Debian: libsecret-1-0) and an airstore-oauthd that was built "
            "with it%s%s",
            error ? ": " : "", error ? error : "");
    return keyring;
}
