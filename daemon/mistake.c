/* SPDX-License-Identifier: MIT */
#include "daemon/mistake.h"

#include <stdarg.h>
#include <stdio.h>

void mistake_note(struct buffer *mistakes, const char *format, ...)
{
    _cleanup_free_ char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    if (text)
        (void)buffer_printf(mistakes, "%s%s", mistakes->size > 0 ? "; " : "", text);
}
