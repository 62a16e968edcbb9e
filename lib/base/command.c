/* SPDX-License-Identifier: MIT */
#include "lib/base/command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

void command_clear(struct command *command)
{
    for (size_t i = 0; i < command->n; i++)
        secret_free(command->word[i]);
    command->n = 0;
}

/* A copy of the word, with the URL in the place of the first "%s". */
static char *expand(const char *word, const char *url, bool *placed)
{
    const char *place = *placed ? NULL : strstr(word, "%s");
    char *expanded;

    if (!place)
        return strdup(word);
    *placed = true;
    return asprintf(&expanded, "%.*s%s%s", (int)(place - word), word, url, place + 2) < 0
               ? NULL
               : expanded;
}

int command_split(char *text, const char *url, struct command *command)
{
    bool placed = false;
    char *rest;

    for (char *word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
        if (command->n + 1 >= COMMAND_WORDS_MAX)
            return -E2BIG;
        command->word[command->n] = expand(word, url, &placed);
        if (!command->word[command->n])
            return -ENOMEM;
        command->n++;
    }
    if (command->n == 0)
        return -EINVAL;
    if (!placed) {
        command->word[command->n] = strdup(url);
        if (!command->word[command->n])
            return -ENOMEM;
        command->n++;
    }
    return 0;
}
