/* SPDX-License-Identifier: MIT */
#pragma once

/* How the daemon is started: by the person's systemd, or where there is none by hand. */

#include <stdbool.h>

#define DAEMON LIBEXECDIR "/airstore-oauthd"

/* Whether the person's systemd runs. */
bool manager_runs(void);
