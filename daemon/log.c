/* SPDX-License-Identifier: MIT */
#include "daemon/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

static int level_max = LOG_INFO;

int log_set_level(const char *name)
{
    static const struct {
        const char *name;
        int level;
    } levels[] = {
        {"error", LOG_ERR},
        {"warning", LOG_WARNING},
        {"notice", LOG_NOTICE},
        {"info", LOG_INFO},
        {"debug", LOG_DEBUG},
    };

    for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
        if (streq(levels[i].name, name)) {
            level_max = levels[i].level;
            return 0;
        }
    }
    return -EINVAL;
}

void log_write(int level, const char *format, ...)
{
    int saved_errno = errno;
    char line[1024];
    int offset = 0;
    va_list arguments;

    if (level > level_max)
        return;
    if (getenv("JOURNAL_STREAM"))
        offset = snprintf(line, sizeof(line), "<%d>", level);
    va_start(arguments, format);
    errno = saved_errno; /* for %m */
    vsnprintf(line + offset, sizeof(line) - (size_t)offset, format, arguments);
    va_end(arguments);

    /* What a server or a client said must not start a line of its own. */
    for (char *c = line; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    }
    fprintf(stderr, "%s\n", line);
    errno = saved_errno;
}

const char *log_id(const char *session_id, char text[static LOG_ID_SIZE])
{
    static uint64_t key;

    /* FNV-1a over a start that differs each time the daemon runs, so that nobody can try IDs
     * against it later. */
    while (key == 0) {
        if (getrandom(&key, sizeof(key), 0) != sizeof(key))
            key = 0;
    }
    uint64_t hash = key ^ 14695981039346656037U;
    for (const char *c = session_id; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211U;
    hash ^= hash >> 32;
    snprintf(text, LOG_ID_SIZE, "%08x", (unsigned)hash);
    return text;
}
