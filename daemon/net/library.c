/* SPDX-License-Identifier: MIT */
#include "daemon/net/library.h"

#include "daemon/log.h"

#include <dlfcn.h>
#include <errno.h>

int library_load(const char *file, const struct library_function *functions, size_t n_functions)
{
    void *library = dlopen(file, RTLD_NOW);

    for (size_t i = 0; library && i < n_functions; i++) {
        *functions[i].address = dlsym(library, functions[i].name);
        if (!*functions[i].address)
            library = NULL;
    }
    if (library)
        return 0;
    log_error("A library cannot be loaded: %s. Please install it.", dlerror());
    return -ELIBACC;
}
