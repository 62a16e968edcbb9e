/* SPDX-License-Identifier: MIT */
#pragma once

/* What the daemon was told: by its command line and its environment, checked. */

#include <stdbool.h>

struct config {
    char *base_url;
    char *api_key;              /* NULL: there is none yet. Erased at the end */
    const char *api_key_source; /* where it came from, for people; NULL when there is none */
    char *default_workspace_id; /* or NULL */
    char *browser;              /* $BROWSER, or NULL */
    char *state_directory;      /* created when it was missing */
    char *socket_path;          /* where to listen when systemd has not handed a socket over */
};

/*
 * Reads the environment; address is that of --address, or NULL. Removes the API key from the
 * environment, so that no child gets it. Says in the log what is wrong. 0, or negative errno:
 * -EINVAL for a value that cannot be used.
 */
int config_read(const char *address, struct config *ret);
void config_clear(struct config *config);
