/* SPDX-License-Identifier: MIT */
#include "lib/base/directory.h"

#include "lib/base/environment.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

int directory_of_ours(
    const char *variable, const char *home_or_null, const char *in_home, char **ret)
{
    const char *given = environment(variable);
    char *path;

    if (!given && !home_or_null)
        return -ENOENT;
    int n = given ? asprintf(&path, "%s/airstore-oauthd", given)
                  : asprintf(&path, "%s/%s/airstore-oauthd", home_or_null, in_home);
    if (n < 0)
        return -ENOMEM;
    *ret = path;
    return 0;
}

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
