/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Which browser the person has chosen. The helper finds that out by itself: a command that the
 * daemon could name would be a way out of the daemon's sandbox.
 */

/*
 * The command for a profile (NULL: the default), as in $BROWSER: what the profile's section of the
 * configuration says; else $BROWSER; else what [airstore] says. *ret is NULL when nobody says
 * anything, and the caller's otherwise. 0 or negative errno.
 */
int choice_of_browser(const char *profile_or_null, char **ret);
