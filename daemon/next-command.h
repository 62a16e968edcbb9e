/* SPDX-License-Identifier: MIT */
#pragma once

/* What a person can type after a session that has failed: the page and the notifications say the
 * same. */

#include "daemon/session.h"
#include "lib/base/buffer.h"

/* Whether it is not known what became of the session, so that looking comes before trying again. */
bool next_command_looks(enum session_failure failure);

/*
 * Appends the command that connects once more, or the one that looks. Appends nothing where nothing
 * has failed, or a name would not be safe to type. 0 or -ENOMEM.
 */
int next_command(struct buffer *command, enum session_failure failure, const char *integration_type,
    const char *workspace_id_or_null, const char *profile_or_null);
