/* SPDX-License-Identifier: MIT */
#pragma once

/* Where the daemon keeps its state and where it listens: fixed when it starts. Internal to the
 * configuration. */

#include "daemon/config.h"

/* Each fills in its member. 0, or negative errno after logging what is wrong. */
int config_read_state_directory(struct config *config);
int config_read_address(struct config *config, const char *address_or_null);
