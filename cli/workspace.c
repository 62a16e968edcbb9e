/* SPDX-License-Identifier: MIT */
#include "cli/workspace.h"

#include <stdio.h>
#include <stdlib.h>

const char *workspace_of(const struct arguments *arguments)
{
    const char *workspace_id = arguments->workspace_id;

    /* A workspace of the environment is hardly one of a profile that was named for this once. */
    if (!workspace_id && !arguments->profile)
        workspace_id = getenv("AIRSTORE_WORKSPACE_ID");
    return workspace_id && workspace_id[0] != '\0' ? workspace_id : NULL;
}

bool workspace_is_of_environment(const struct arguments *arguments)
{
    return !arguments->workspace_id && workspace_of(arguments);
}

const char *profile_of(const struct arguments *arguments)
{
    const char *profile = arguments->profile;

    if (!profile)
        profile = getenv("AIRSTORE_PROFILE");
    return profile && profile[0] != '\0' ? profile : NULL;
}

/* An empty value has to be seen. */
static const char *value_again(const char *value)
{
    return value && value[0] == '\0' ? "\"\"" : value;
}

const char *options_again(const struct arguments *arguments, char text[static OPTIONS_SIZE])
{
    const char *profile = value_again(arguments->profile);
    const char *workspace_id = value_again(arguments->workspace_id);

    snprintf(text, OPTIONS_SIZE, "%s%s%s%s", profile ? " -p " : "", profile ? profile : "",
        workspace_id ? " -w " : "", workspace_id ? workspace_id : "");
    return text;
}
