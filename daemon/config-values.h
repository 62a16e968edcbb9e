/* SPDX-License-Identifier: MIT */
#pragma once

/* What can be set: each setting with its section, its standard value, its variable, and how text
 * becomes what is kept. Internal to the configuration. */

#include "daemon/config.h"
#include "daemon/mistake.h"

/* Takes one value, and notes where it came from. Returns NULL, or what is wrong with it: static
 * text.
 */
const char *config_take(struct config *config, const char *section, const char *name,
    const char *value, const char *source);

/* The value of everything about which nobody says anything. 0 or -ENOMEM. */
int config_take_standards(struct config *config);

/* 0, -EINVAL after a mistake, or -ENOMEM. */
int config_take_environment(struct config *config, struct buffer *mistakes);

void config_clear_setting(struct setting *setting);
