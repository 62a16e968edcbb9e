/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What happened, for administrators. Lines go to stderr, which is the journal when systemd started
 * us: each begins with the level that sd-daemon(3) defines then. Session IDs are capabilities: log
 * log_id() of them. Never log an authorize URL.
 */

#include "lib/base/memory.h"

#include <syslog.h>

/* "error", "warning", "notice", "info" or "debug". 0 or -EINVAL. The default is info. */
int log_set_level(const char *name);

void log_write(int level, const char *format, ...) _printf_(2, 3);

#define log_error(...) log_write(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)

#define LOG_ID_SIZE 9
/* Eight hex digits that stand for a session in the log: enough to tell sessions apart, useless for
 * anything else. */
const char *log_id(const char *session_id, char text[static LOG_ID_SIZE]);
