/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Where files of ours are of a kind that has a variable for its place: "$VARIABLE/airstore-oauthd",
 * or "HOME/IN_HOME/airstore-oauthd" when that is unset or empty. The caller frees *ret. 0; -ENOENT
 * when there is no home either; -ENOMEM.
 */
int directory_of_ours(
    const char *variable, const char *home_or_null, const char *in_home, char **ret);

/* Makes the directories above a path that are missing, for their owner alone. Returns 0 or negative
 * errno. */
int directories_make_above(const char *path);
