/* SPDX-License-Identifier: MIT */
#pragma once

/* What is wrong with the configuration: in the log at once, and kept for whoever asked for it to be
 * read. */

#include "lib/base/buffer.h"

/* Logs it, and appends it to the mistakes, behind a semicolon where there are some already. What
 * does not fit is in the log only. */
void mistake_note(struct buffer *mistakes, const char *format, ...) _printf_(2, 3);
