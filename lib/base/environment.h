/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdlib.h>

/* The value of an environment variable; NULL when it is unset or empty, which means the same. */
static inline const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && value[0] != '\0' ? value : NULL;
}
