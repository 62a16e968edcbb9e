/* SPDX-License-Identifier: MIT */
#include "lib/base/directory.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <sys/stat.h>

int directories_make_above(const char *path)
{
    _cleanup_free_ char *copy = strdup(path);

    if (!copy)
        return -ENOMEM;
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0700) < 0 && errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return 0;
}
