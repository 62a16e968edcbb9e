/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include "cli/problem.h"
#include "cli/term.h"
#include "cli/text.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#define OPTIONS_MAX 16

/* What every verb takes. */
const struct option_entry options_common[] = {
    {"json", 0, NULL, "print JSON, errors too: see airstore-oauth(1)", OPTION_FLAG,
        offsetof(struct arguments, json)},
    {"quiet", 'q', NULL, "print the result and errors only", OPTION_FLAG,
        offsetof(struct arguments, quiet)},
    {"help", 'h', NULL, "show this help", OPTION_FLAG, offsetof(struct arguments, help)},
    {0},
};

static enum status usage(const struct verb *verb)
{
    advise("See: airstore-oauth %s --help", verb->name);
    return STATUS_USAGE;
}

/* The verb's options and the common ones, as getopt_long() wants them. */
static void fill_getopt(const struct verb *verb, const struct option_entry *entries[OPTIONS_MAX],
    struct option long_options[OPTIONS_MAX], char short_options[2 * OPTIONS_MAX + 2])
{
    size_t n = 0;
    char *letter = short_options;

    for (const struct option_entry *entry = verb->options; entry->name; entry++)
        entries[n++] = entry;
    for (const struct option_entry *entry = options_common; entry->name; entry++)
        entries[n++] = entry;

    *letter++ = ':'; /* our own messages */
    for (size_t i = 0; i < n; i++) {
        int takes = entries[i]->argument ? required_argument : no_argument;
        long_options[i] = (struct option){entries[i]->name, takes, NULL, 256 + (int)i};
        if (entries[i]->letter) {
            *letter++ = entries[i]->letter;
            if (entries[i]->argument)
                *letter++ = ':';
        }
    }
    *letter = '\0';
}

static const struct option_entry *find_entry(
    const struct option_entry *const entries[OPTIONS_MAX], int chosen)
{
    if (chosen >= 256)
        return entries[chosen - 256];
    for (size_t i = 0; entries[i]; i++) {
        if (entries[i]->letter == chosen)
            return entries[i];
    }
    return NULL;
}

/* Both return 0, or -EINVAL after saying what is wrong. */

static int store_extra(const struct option_entry *entry, char *value, struct arguments *arguments)
{
    char *equals = strchr(value, '=');

    if (!equals || equals == value) {
        complain("\"%s\" is not of the form %s.", value, entry->argument);
        return -EINVAL;
    }
    if (arguments->n_extra == EXTRA_MAX) {
        complain("--%s can be given %d times at most.", entry->name, EXTRA_MAX);
        return -EINVAL;
    }
    *equals = '\0';
    for (size_t i = 0; i < arguments->n_extra; i++) {
        if (streq(arguments->extra[2 * i], value)) {
            complain("--%s gives %s twice.", entry->name, value);
            return -EINVAL;
        }
    }
    const char **pair = &arguments->extra[2 * arguments->n_extra++];
    pair[0] = value;
    pair[1] = equals + 1;
    return 0;
}

static int store(const struct option_entry *entry, char *value, struct arguments *arguments)
{
    void *target = (char *)arguments + entry->offset;

    switch (entry->type) {
    case OPTION_FLAG:
        *(bool *)target = true;
        return 0;
    case OPTION_STRING:
        *(const char **)target = value;
        return 0;
    case OPTION_DURATION:
        if (duration_parse(value, target) < 0) {
            complain("\"%s\" is no duration: write for instance 90s, 5m or 1m30s.", value);
            return -EINVAL;
        }
        return 0;
    case OPTION_EXTRA:
        return store_extra(entry, value, arguments);
    }
    return -EINVAL;
}

static enum status check_operands(const struct verb *verb, int n, struct arguments *arguments)
{
    int wanted = verb->operand ? 1 : 0;

    if (n > wanted) {
        complain("%s takes %s.", verb->name, wanted ? "one argument" : "no arguments");
        return usage(verb);
    }
    if (n < wanted && !verb->asks) {
        complain("%s needs %s.", verb->name, verb->operand);
        return usage(verb);
    }
    if (arguments->operand && arguments->operand[0] == '\0') {
        complain("%s must not be empty.", verb->operand);
        return usage(verb);
    }
    return STATUS_DONE;
}

/* What is wrong is a letter, or the word that getopt_long() has just passed by; it stays at one
 * whose letters are none of ASCII. */
static enum status refuse(const struct verb *verb, int chosen, char *argv[])
{
    char letter[] = {'-', (char)optopt, '\0'};
    bool ascii = optopt > 0 && optopt < 128;
    bool foreign = !ascii && optopt != 0 && optopt < 256; /* negative where char has a sign */
    const char *word = argv[foreign && argv[optind] ? optind : optind - 1];
    const char *typed = ascii ? letter : word;

    if (chosen == ':')
        complain("%s needs a value.", typed);
    else
        complain("%s has no option %s.", verb->name, typed);
    return usage(verb);
}

enum status options_parse(
    const struct verb *verb, int argc, char *argv[], struct arguments *arguments)
{
    const struct option_entry *entries[OPTIONS_MAX] = {0};
    struct option long_options[OPTIONS_MAX] = {0};
    char short_options[2 * OPTIONS_MAX + 2];
    int chosen;

    fill_getopt(verb, entries, long_options, short_options);
    optind = 1;
    while ((chosen = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        if (chosen == ':' || chosen == '?')
            return refuse(verb, chosen, argv);
        const struct option_entry *entry = find_entry(entries, chosen);
        if (!entry || store(entry, optarg, arguments) < 0)
            return usage(verb);
        if (arguments->help)
            return STATUS_DONE;
    }
    arguments->operand = argv[optind];
    return check_operands(verb, argc - optind, arguments);
}

const char *operand_format(const struct verb *verb, char text[static OPERAND_SIZE])
{
    if (!verb->operand)
        return "";
    snprintf(text, OPERAND_SIZE, verb->asks ? " [%s]" : " %s", verb->operand);
    return text;
}

static void option_line(const struct option_entry *entry)
{
    char left[40];

    snprintf(left, sizeof(left), "%c%c%s --%s%s%s", entry->letter ? '-' : ' ',
        entry->letter ? entry->letter : ' ', entry->letter ? "," : " ", entry->name,
        entry->argument ? " " : "", entry->argument ? entry->argument : "");
    print_wrapped(left, 32, entry->help);
}

void options_help(const struct verb *verb)
{
    char shown[OPERAND_SIZE], usage_line[128];

    snprintf(usage_line, sizeof(usage_line), "airstore-oauth %s%s [OPTIONS]", verb->name,
        operand_format(verb, shown));
    print_paragraph(usage_line);
    putchar('\n');
    print_paragraph(verb->description);
    puts("\nOptions:");
    for (const struct option_entry *entry = verb->options; entry->name; entry++)
        option_line(entry);
    for (const struct option_entry *entry = options_common; entry->name; entry++)
        option_line(entry);
}
