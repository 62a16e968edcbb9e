/* SPDX-License-Identifier: MIT */
#pragma once

/* The command line behind the verb, and the help for it; both from the verb's table of options. */

#include "cli/verb.h"

/* argv[0] is the verb. Returns STATUS_DONE, or STATUS_USAGE after saying what is wrong. */
enum status options_parse(
    const struct verb *verb, int argc, char *argv[], struct arguments *arguments);

void options_help(const struct verb *verb);
