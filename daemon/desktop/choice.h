/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Which browser the person has chosen. The helper finds that out by itself: a command that the
 * daemon could name would be a way out of the daemon's sandbox.
 */

/* Commands, as in $BROWSER; NULL where nobody says anything. */
struct choice {
    char *of_profile;     /* what the profile's section of the configuration says */
    char *of_environment; /* $BROWSER */
    char *of_all;         /* what [airstore] says */
};

/* For a profile, NULL: the default. 0 or negative errno. */
int choice_of_browser(const char *profile_or_null, struct choice *ret);

void choice_clear(struct choice *choice);
