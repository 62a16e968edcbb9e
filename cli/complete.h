/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * For the completions of bash, zsh and fish: what can stand where the cursor is. It comes from the
 * tables of verbs and options that the command line is read with, and from the daemon.
 */

#include "cli/verb.h"

/*
 * words: what was typed behind the name of the program, up to the cursor; the last one, which may
 * be empty, is what is to be completed. Prints "VALUE\tDESCRIPTION", a line each, whether or not
 * VALUE begins with that word; or "files" when the shell is to offer those. Says nothing of errors,
 * and ends the process when the daemon does not answer quickly.
 */
void complete(int n_words, char *words[]);
