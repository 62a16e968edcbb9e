/* SPDX-License-Identifier: MIT */
#pragma once

/* What every unit test includes: cmocka, and the headers that it wants before itself. */

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* In a loop over a table: fails with the name of the case that it was. */
#define ASSERT_CASE(condition, name)                                                               \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("case \"%s\": %s", name, #condition);                                         \
    } while (0)
