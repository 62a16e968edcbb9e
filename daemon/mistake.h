/* SPDX-License-Identifier: MIT */
#pragma once

/* What is wrong, with the configuration or the ways to a browser, collected for whoever reads it:
 * the log and those who asked. */

#include "lib/base/buffer.h"

/* Appends it to the mistakes, behind a semicolon where there are some already. What does not fit is
 * left out. */
void mistake_note(struct buffer *mistakes, const char *format, ...) _printf_(2, 3);
