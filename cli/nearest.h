/* SPDX-License-Identifier: MIT */
#pragma once

/* Words that were typed almost right. */

#include <stdbool.h>

/* Whether the word could be a slip for the one that is meant, and a likelier one than *best, which
 * then becomes it. Begin with NULL there. */
bool nearest_try(const char *typed, const char *meant, const char **best);
