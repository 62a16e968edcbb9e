/* SPDX-License-Identifier: MIT */
#pragma once

/* Characters of what others wrote that are not shown: they steer a terminal, or have a text look
 * like another one. */

#include <stddef.h>

/* The bytes of the character at the front of the text when it is one of those: C0, DEL, C1, or one
 * that begins another line or changes the direction of what follows. Else 0. */
size_t control_length(const char *text);
