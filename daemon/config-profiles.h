/* SPDX-License-Identifier: MIT */
#pragma once

/* The profiles of a configuration: how they come to be, and what is said where one lacks something.
 * Internal to the configuration; config.h is for everybody else. */

#include "daemon/config.h"

/* Adds an empty one; NULL for the name of the default one, which has to be the first. NULL without
 * memory. */
struct profile *config_add_profile(struct config *config, const char *name);
void config_clear_profile(struct profile *profile);
/* Erases the key, and what is said about it. */
void config_clear_key(struct profile *profile);

/* What Airstore has said against keys that are the same in both goes from the one to the other. */
void config_take_refusals(struct config *config, struct config *before);

/* What a profile does not say is as in [airstore], wherever in the files that stands. 0 or -ENOMEM.
 */
int config_inherit(struct config *config);
