/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What happened, for administrators: to the journal with fields that can be searched for when
 * systemd started us, else as lines on stderr, coloured by level on a terminal. Session IDs are
 * capabilities: log log_id() of them, or use log_session(). Never log an authorize URL.
 */

#include "lib/base/memory.h"

#include <syslog.h>

/* "error", "warning", "notice", "info" or "debug". 0 or -EINVAL. The default is info. */
int log_set_level(const char *name);

/* What can be found in the journal by MESSAGE_ID=: log-journal.c has the numbers, the man page what
 * they mean. */
enum log_message {
    LOG_OTHER, /* has no number */
    LOG_SESSION_STARTED,
    LOG_SESSION_RESUMED,
    LOG_SESSION_COMPLETE,
    LOG_SESSION_FAILED,
    LOG_SESSION_TROUBLE,
    LOG_SESSION_TROUBLE_OVER,
    LOG_CONFIGURATION_READ,
    LOG_CONFIGURATION_MISTAKE,
    LOG_MESSAGE_MAX,
};

/* The session that a message is about. */
struct log_subject {
    const char *session_id, *integration_type;
    const char *workspace_id; /* or NULL */
};

/* A message of the catalog. The text of one about a session begins with "Session …: " by itself. */
void log_about(int level, enum log_message message, const struct log_subject *subject_or_null,
    const char *format, ...) _printf_(4, 5);

#define log_error(...) log_about(LOG_ERR, LOG_OTHER, NULL, __VA_ARGS__)
#define log_warning(...) log_about(LOG_WARNING, LOG_OTHER, NULL, __VA_ARGS__)
#define log_notice(...) log_about(LOG_NOTICE, LOG_OTHER, NULL, __VA_ARGS__)
#define log_info(...) log_about(LOG_INFO, LOG_OTHER, NULL, __VA_ARGS__)
#define log_debug(...) log_about(LOG_DEBUG, LOG_OTHER, NULL, __VA_ARGS__)

/* session: a struct session *. */
#define log_session(level, message, session, ...)                                                  \
    log_about(level, message,                                                                      \
        &(const struct log_subject){                                                               \
            (session)->session_id, (session)->integration_type, (session)->workspace_id},          \
        __VA_ARGS__)

#define LOG_ID_SIZE 9
/* Eight hex digits that stand for a session in the log: enough to tell sessions apart, useless for
 * anything else. */
const char *log_id(const char *session_id, char text[static LOG_ID_SIZE]);
