/* SPDX-License-Identifier: MIT */
#pragma once

/* Which workspace and which profile are meant. */

#include "cli/verb.h"

/* What was typed, else AIRSTORE_WORKSPACE_ID unless a profile was typed, else NULL: the daemon
 * decides. */
const char *workspace_of(const struct arguments *arguments);

/* Whether that is the variable's. */
bool workspace_is_of_environment(const struct arguments *arguments);

/* What was typed, else AIRSTORE_PROFILE, else NULL: the default one. So is an empty one. */
const char *profile_of(const struct arguments *arguments);

/* The options that say the same again in another command: " -p work -w ws_1", or nothing. */
#define OPTIONS_SIZE 512
const char *options_again(const struct arguments *arguments, char text[static OPTIONS_SIZE]);
