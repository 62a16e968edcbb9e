/* SPDX-License-Identifier: MIT */
#include "daemon/next-command.h"

#include "lib/base/memory.h"

#define PLAIN_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."

/* Whether a shell takes it for a plain word. Names that are not come from other programs, and are
 * not put into people's mouths. */
static bool is_plain(const char *word)
{
    return !word || (*word && *word != '-' && !word[strspn(word, PLAIN_CHARACTERS)]);
}

static int append_option(struct buffer *command, const char *option, const char *value)
{
    return value ? buffer_printf(command, " %s %s", option, value) : 0;
}

bool next_command_looks(enum session_failure failure)
{
    return failure == SESSION_UNKNOWN || failure == SESSION_UNAUTHORIZED;
}

int next_command(struct buffer *command, enum session_failure failure, const char *integration_type,
    const char *workspace_id_or_null, const char *profile_or_null)
{
    int r;

    if (failure == SESSION_NOT_FAILED || !is_plain(integration_type) ||
        !is_plain(profile_or_null) || !is_plain(workspace_id_or_null))
        return 0;
    if (next_command_looks(failure))
        r = buffer_append_string(command, "airstore-oauth list --refresh");
    else
        r = buffer_printf(command, "airstore-oauth connect %s", integration_type);
    if (r >= 0)
        r = append_option(command, "-w", workspace_id_or_null);
    return r < 0 ? r : append_option(command, "-p", profile_or_null);
}
