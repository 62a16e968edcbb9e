/* SPDX-License-Identifier: MIT */
#include "cli/manager.h"

#include "lib/base/environment.h"

#include <stdio.h>
#include <unistd.h>

bool manager_runs(void)
{
    const char *runtime = environment("XDG_RUNTIME_DIR");
    char path[4096];

    if (!runtime)
        return false;
    snprintf(path, sizeof(path), "%s/systemd/private", runtime);
    return access(path, F_OK) >= 0;
}
