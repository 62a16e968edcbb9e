/* SPDX-License-Identifier: MIT */
#pragma once

/* Another program, asked for what it prints. */

/*
 * Runs it, found in PATH, with nothing to read, and returns what it has printed to its standard
 * output: text, for the caller to free. argv ends with NULL. Returns its exit status; or negative
 * errno, -ENOENT when there is no such program and -ETIMEDOUT when it did not end within some
 * seconds.
 */
int child_ask(const char *const *argv, char **ret_output);
