/* SPDX-License-Identifier: MIT */
#include "daemon/mistake.h"

#include <stdarg.h>
#include <stdio.h>

void mistake_note(struct buffer *mistakes, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    (void)buffer_printf(mistakes, "%s%s", mistakes->size > 0 ? "; " : "", text);
}
