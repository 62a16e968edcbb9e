/* SPDX-License-Identifier: MIT */
#pragma once

/* The command line behind the verb, and the help for it; both from the verb's table of options. */

#include "cli/verb.h"

/* argv[0] is the verb. Returns STATUS_DONE, or STATUS_USAGE after saying what is wrong. */
enum status options_parse(
    const struct verb *verb, int argc, char *argv[], struct arguments *arguments);

#define OPERAND_SIZE 32

/* " INTEGRATION", in brackets where it can be left out; nothing for a verb without. Returns text.
 */
const char *operand_format(const struct verb *verb, char text[static OPERAND_SIZE]);

/* What every verb takes; ended by an entry without a name. */
extern const struct option_entry options_common[];

void options_help(const struct verb *verb);
