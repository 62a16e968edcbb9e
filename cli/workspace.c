/* SPDX-License-Identifier: MIT */
#include "cli/workspace.h"

#include <stdlib.h>

const char *workspace_of(const struct arguments *arguments)
{
    const char *workspace_id = arguments->workspace_id;

    /* A workspace of the environment is hardly one of a profile that was named for this once. */
    if (!workspace_id && !arguments->profile)
        workspace_id = getenv("AIRSTORE_WORKSPACE_ID");
    return workspace_id && workspace_id[0] != '\0' ? workspace_id : NULL;
}

const char *profile_of(const struct arguments *arguments)
{
    const char *profile = arguments->profile;

    if (!profile)
        profile = getenv("AIRSTORE_PROFILE");
    return profile && profile[0] != '\0' ? profile : NULL;
}
