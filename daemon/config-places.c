/* SPDX-License-Identifier: MIT */
#include "daemon/config-places.h"

#include "daemon/log.h"
#include "lib/base/directory.h"
#include "lib/base/environment.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

int config_read_state_directory(struct config *config)
{
    const char *given = environment("STATE_DIRECTORY"), *home = environment("HOME");

    int r = given ? string_replace(&config->state_directory, given)
                  : directory_of_ours("XDG_STATE_HOME", home ? home : "", ".local/state",
                        &config->state_directory);
    if (r < 0)
        return r;
    r = directories_make_above(config->state_directory);
    if (r >= 0 && mkdir(config->state_directory, 0700) < 0 && errno != EEXIST)
        r = -errno;
    if (r < 0)
        log_error("Cannot create the state directory %s: %s. Set STATE_DIRECTORY to another one.",
            config->state_directory, strerror(-r));
    return r;
}

int config_read_address(struct config *config, const char *address)
{
    const char *runtime = environment("XDG_RUNTIME_DIR");

    if (!address)
        address = environment("AIRSTORE_OAUTHD_ADDRESS");
    if (address && strncmp(address, "unix:/", strlen("unix:/")) != 0) {
        log_error(
            "The address has to look like unix:/run/user/1000/airstore-oauthd/ai.airstore.OAuth");
        return -EINVAL;
    }
    if (address)
        return string_replace(&config->socket_path, address + strlen("unix:"));
    if (!runtime) /* fine when systemd hands the socket over */
        return 0;
    if (asprintf(&config->socket_path, "%s/airstore-oauthd/ai.airstore.OAuth", runtime) < 0) {
        config->socket_path = NULL;
        return -ENOMEM;
    }
    return 0;
}
