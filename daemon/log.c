/* SPDX-License-Identifier: MIT */
#include "daemon/log.h"

#include "daemon/log-journal.h"
#include "lib/base/environment.h"
#include "lib/base/hash.h"
#include "lib/base/random.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#define LINE_SIZE 1024

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

/* Where lines go */

static bool has_colours(void)
{
    const char *term = environment("TERM");

    return isatty(STDERR_FILENO) && !environment("NO_COLOR") && term && !streq(term, "dumb");
}

static const char *colour(int level)
{
    static const char *const colours[] = {
        [LOG_ERR] = "\033[1;31m",
        [LOG_WARNING] = "\033[33m",
        [LOG_NOTICE] = "\033[1m",
        [LOG_INFO] = "",
        [LOG_DEBUG] = "\033[2m",
    };

    return colours[level];
}

static void print(int level, const char *line)
{
    const char *before = has_colours() ? colour(level) : "";

    fprintf(stderr, "%s%s%s\n", before, line, *before ? "\033[0m" : "");
}

static void put(int level, enum log_message message, const struct log_subject *subject, char *line)
{
    static int to_journal = -1; /* not known yet */
    char text[JOURNAL_SIZE];

    /* What a server or a client said must not start a line of its own. */
    for (char *c = line; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    }
    if (to_journal < 0)
        to_journal = journal_is_stderr();
    if (!to_journal)
        print(level, line);
    else if (journal_send(text, journal_build(text, level, message, subject, line)) < 0)
        fprintf(stderr, "<%d>%s\n", level, line); /* the journal takes the level from it */
}

/* Messages */

void log_about(
    int level, enum log_message message, const struct log_subject *subject, const char *format, ...)
{
    int saved_errno = errno, offset = 0;
    char line[LINE_SIZE], id[LOG_ID_SIZE];
    va_list arguments;

    if (level > level_max)
        return;
    if (subject)
        offset = snprintf(line, sizeof(line), "Session %s: ", log_id(subject->session_id, id));
    va_start(arguments, format);
    errno = saved_errno; /* for %m */
    vsnprintf(line + offset, sizeof(line) - (size_t)offset, format, arguments);
    va_end(arguments);
    put(level, message, subject, line);
    errno = saved_errno;
}

const char *log_id(const char *session_id, char text[static LOG_ID_SIZE])
{
    static uint64_t key;

    /* Differs each time the daemon runs, so that nobody can try IDs against it later. */
    while (key == 0)
        random_fill(&key, sizeof(key));
    uint64_t hash = hash_text(key, session_id);
    hash ^= hash >> 32;
    snprintf(text, LOG_ID_SIZE, "%08x", (unsigned)hash);
    return text;
}
