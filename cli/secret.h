/* SPDX-License-Identifier: MIT */
#pragma once

/* Credentials come from files or from the terminal, never from the command line, where every user
 * of the machine could read them. */

/*
 * Reads a file; "-" is the standard input, and when that is a terminal, what is asked for is typed
 * unseen. One line end at its end does not belong to the secret. what: "access token".
 * Returns 0 and a string that the caller gives to secret_free(); or negative errno, after saying
 * what is wrong: -E2BIG when it is too long to be typed, so that the caller advises a file.
 */
int secret_read(const char *file, const char *what, char **ret);
