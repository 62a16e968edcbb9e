/* SPDX-License-Identifier: MIT */
#pragma once

/* The configuration files as lines of values, by libinih: which there are, in which order, and
 * where a mistake stands. */

#include "daemon/mistake.h"

/* Where they are: $XDG_CONFIG_HOME/airstore-oauthd. The caller frees it. 0 or -ENOMEM. */
int config_directory(char **ret);

/*
 * Reads DIRECTORY/airstore-oauthd.conf, then DIRECTORY/airstore-oauthd.conf.d/ *.conf by name;
 * those that are missing are no mistake. The handler gets each value with its place ("PATH:LINE")
 * and returns NULL, or what is wrong: that becomes a mistake with the place. 0, -EINVAL after a
 * mistake, or another negative errno.
 */
int config_files_read(const char *directory,
    const char *(*handler)(const char *section, const char *key, const char *value,
        const char *source, void *userdata),
    void *userdata, struct buffer *mistakes);
