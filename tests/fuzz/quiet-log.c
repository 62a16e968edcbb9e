/* SPDX-License-Identifier: MIT */

/* The log of the fuzz targets: says nothing, and looks at what would be said. One message is one
 * line, no text steers a terminal, and no secret is in it. */

#include "daemon/log.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdarg.h>

void log_about(
    int level, enum log_message message, const struct log_subject *subject, const char *format, ...)
{
    _cleanup_free_ char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    va_end(arguments);
    if (getenv("FUZZ_VERBOSE"))
        fprintf(stderr, "log: %s\n", text);
    HOLDS(!strstr(text, FUZZ_SECRET));
}

int log_set_level(const char *name)
{
    return -EINVAL;
}

const char *log_id(const char *session_id, char text[static LOG_ID_SIZE])
{
    snprintf(text, LOG_ID_SIZE, "%08x", (unsigned)strlen(session_id));
    return text;
}
