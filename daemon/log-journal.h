/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The journal's own protocol: a line as fields that can be searched for, in one datagram. Here
 * stands the catalog as well, the numbers by which kinds of messages are found:
 * airstore-oauthd(8) explains them.
 */

#include "daemon/log.h"

#include <stdbool.h>
#include <stddef.h>

#define JOURNAL_SIZE 4096

/* Whether stderr leads to the journal, by what systemd says of it. */
bool journal_is_stderr(void);

/* The datagram for a line. Returns its length; a field that does not fit is left out. */
size_t journal_build(char text[static JOURNAL_SIZE], int level, enum log_message message,
    const struct log_subject *subject_or_null, const char *line);

/* Never waits. 0, or negative errno: the journal cannot be reached, or is too busy. */
int journal_send(const char *text, size_t size);
