/* SPDX-License-Identifier: MIT */
#include "cli/workspace.h"

#include <stdlib.h>

const char *workspace_of(const struct arguments *arguments)
{
    const char *workspace_id = arguments->workspace_id;

    if (!workspace_id)
        workspace_id = getenv("AIRSTORE_WORKSPACE_ID");
    return workspace_id && workspace_id[0] != '\0' ? workspace_id : NULL;
}
