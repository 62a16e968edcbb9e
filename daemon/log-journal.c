/* SPDX-License-Identifier: MIT */
#include "daemon/log-journal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static const char journal_path[] = "/run/systemd/journal/socket";

/* Made at random once, and never changed: people's searches and alarms rest on them. */
static const char *const catalog[LOG_MESSAGE_MAX] = {
    [LOG_SESSION_STARTED] = "7ed7e14cda1a4d478554f359841fa473",
    [LOG_SESSION_RESUMED] = "ae12a6c2b6a24998bcdbd25002a740e8",
    [LOG_SESSION_COMPLETE] = "5ac2124ad3ea423891b4eda03a33753e",
    [LOG_SESSION_FAILED] = "501dad8c168046b2a1570d4014697c28",
    [LOG_SESSION_TROUBLE] = "ab81b94516a24b9cbaa2142c874eb487",
    [LOG_SESSION_TROUBLE_OVER] = "a011884d26c04702bd9f712ee3f60a9a",
    [LOG_CONFIGURATION_READ] = "3a6abf70ab984c21858bf0329f9ff40b",
    [LOG_CONFIGURATION_MISTAKE] = "c798125115004760be79f0a9d63d3862",
};

/* JOURNAL_STREAM is inherited by programs whose stderr leads elsewhere: it names the one meant. */
bool journal_is_stderr(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char own[64];
    struct stat st;

    if (!stream || fstat(STDERR_FILENO, &st) < 0)
        return false;
    snprintf(own, sizeof(own), "%llu:%llu", (unsigned long long)st.st_dev,
        (unsigned long long)st.st_ino);
    return streq(own, stream);
}

/* A line end would begin another field. */
static void add(char text[static JOURNAL_SIZE], size_t *size, const char *name, const char *value)
{
    size_t name_size = strlen(name), value_size = value ? strlen(value) : 0;

    if (!value || name_size + value_size + 2 > JOURNAL_SIZE - *size)
        return;
    char *end = stpcpy(stpcpy(text + *size, name), "=");
    for (; *value; value++)
        *end++ = *value == '\n' ? ' ' : *value;
    *end++ = '\n';
    *size = (size_t)(end - text);
}

size_t journal_build(char text[static JOURNAL_SIZE], int level, enum log_message message,
    const struct log_subject *subject, const char *line)
{
    char priority[] = {(char)('0' + level), '\0'}, id[LOG_ID_SIZE];
    size_t size = 0;

    add(text, &size, "MESSAGE", line);
    add(text, &size, "PRIORITY", priority);
    add(text, &size, "SYSLOG_IDENTIFIER", program_invocation_short_name);
    add(text, &size, "MESSAGE_ID", catalog[message]);
    if (subject) {
        add(text, &size, "SESSION", log_id(subject->session_id, id));
        add(text, &size, "INTEGRATION", subject->integration_type);
        add(text, &size, "WORKSPACE", subject->workspace_id);
    }
    return size;
}

int journal_send(const char *text, size_t size)
{
    static int fd = -1;
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (fd < 0)
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    memcpy(address.sun_path, journal_path, sizeof(journal_path));
    ssize_t n =
        sendto(fd, text, size, MSG_NOSIGNAL, (const struct sockaddr *)&address, sizeof(address));
    return n < 0 ? -errno : 0;
}
