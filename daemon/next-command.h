/* SPDX-License-Identifier: MIT */
#pragma once

/* What a person can type after a session that has failed: the page and the notifications say the
 * same. */

#include "lib/base/buffer.h"

#include <stdbool.h>

/*
 * Appends the command that connects once more, or, when it is not known what became of the session,
 * the one that looks. Appends nothing where a name would not be safe to type. 0 or -ENOMEM.
 */
int next_command(struct buffer *command, bool look, const char *integration_type,
    const char *workspace_id_or_null, const char *profile_or_null);
