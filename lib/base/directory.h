/* SPDX-License-Identifier: MIT */
#pragma once

/* Makes the directories above a path that are missing, for their owner alone. Returns 0 or negative
 * errno. */
int directories_make_above(const char *path);
