/* SPDX-License-Identifier: MIT */
#pragma once

/* A command that opens a URL, as people write it, in BROWSER for instance: words with blanks
 * between them. The URL goes in the place of the first "%s", else behind the last word. No shell is
 * involved, so no character of it means anything. */

#include "lib/base/memory.h"

#define COMMAND_WORDS_MAX 32

struct command {
    char *word[COMMAND_WORDS_MAX + 1]; /* owned, ended by NULL */
    size_t n;
};

/* Splits the text, which is modified. Returns 0, -EINVAL when there is no word, -E2BIG, -ENOMEM;
 * what is in the command has to be cleared in any case. */
int command_split(char *text, const char *url, struct command *command);

/* Erases and frees the words. */
void command_clear(struct command *command);
