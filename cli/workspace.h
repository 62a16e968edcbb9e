/* SPDX-License-Identifier: MIT */
#pragma once

/* Which workspace is meant. */

#include "cli/verb.h"

/* What was typed, else AIRSTORE_WORKSPACE_ID, else NULL: the daemon decides. */
const char *workspace_of(const struct arguments *arguments);
