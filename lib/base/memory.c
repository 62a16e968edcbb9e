/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"

#include <errno.h>

int string_replace(char **string, const char *value)
{
    char *copy = NULL;

    if (value) {
        copy = strdup(value);
        if (!copy)
            return -ENOMEM;
    }
    free(*string);
    *string = copy;
    return 0;
}
