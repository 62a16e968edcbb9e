/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a verb of the command line is made of. Each has a file of its own; main.c has the table of
 * them all.
 */

#include "lib/airstore-oauthd.h"

#include <stdbool.h>
#include <stddef.h>

/* What scripts go by. Also in airstore-oauth(1). */
enum status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    STATUS_DENIED = 3,
    STATUS_TIMED_OUT = 4,
    STATUS_NOT_CONFIGURED = 5, /* or not authenticated */
    STATUS_NO_DAEMON = 6,
    STATUS_UNREACHABLE = 7,
    STATUS_NOT_FOUND = 8,
};

#define EXTRA_MAX 32

/* What was typed behind the verb. Options that were not given are NULL, false or their default. */
struct arguments {
    struct airstore_oauthd *oauthd; /* whom to ask what that means; NULL: nobody */
    const char *operand;            /* INTEGRATION, SESSION or CONNECTION */
    const char *workspace_id, *profile;
    const char *return_to;
    const char *access_token_file, *refresh_token_file, *api_key_file;
    const char *scope;
    const char *extra[2 * EXTRA_MAX + 1]; /* name, value, …, NULL */
    size_t n_extra;                       /* pairs */
    long timeout_msec;
    bool json, quiet, keyring, no_browser, refresh, reload, yes, help;
};

enum option_type {
    OPTION_FLAG,     /* bool */
    OPTION_STRING,   /* const char * */
    OPTION_DURATION, /* long, milliseconds */
    OPTION_EXTRA,    /* arguments.extra, may be given again and again */
};

/* What can be typed for an operand or an option: complete.c finds it out, for shells. */
enum values {
    VALUES_UNKNOWN,
    VALUES_FILE,
    VALUES_BROWSER,    /* integrations that are connected in the browser */
    VALUES_CREDENTIAL, /* those that are connected with a token or an API key */
    VALUES_CONNECTED,  /* those that are connected */
    VALUES_CONNECTION, /* those, and the IDs of the connections */
    VALUES_SESSION,    /* integrations and IDs of what is under way */
    VALUES_WORKSPACE,
    VALUES_PROFILE,
};

struct option_entry {
    const char *name;
    char letter;          /* or 0 */
    const char *argument; /* what it is called in the help; NULL for flags */
    const char *help;
    enum option_type type;
    size_t offset; /* in struct arguments */
    enum values values;
};

/* Those that several verbs have. What all of them have (--json, --quiet, --help) is in options.c.
 */
#define OPTION_WORKSPACE                                                                           \
    {                                                                                              \
        "workspace", 'w', "WORKSPACE",                                                             \
            "the workspace's ID (else $AIRSTORE_WORKSPACE_ID, else "                               \
            "the daemon's default)",                                                               \
            OPTION_STRING, offsetof(struct arguments, workspace_id), VALUES_WORKSPACE              \
    }
#define OPTION_PROFILE                                                                             \
    {                                                                                              \
        "profile", 'p', "NAME",                                                                    \
            "the daemon's profile: another API key and workspace (else $AIRSTORE_PROFILE)",        \
            OPTION_STRING, offsetof(struct arguments, profile), VALUES_PROFILE                     \
    }

struct verb {
    const char *name;
    const char *operand; /* "INTEGRATION", or NULL for none */
    bool asks;           /* for an operand that is left out, instead of refusing */
    enum values operand_values;
    const char *summary; /* half a line */
    const char *description;
    bool works_without_daemon;          /* runs without a handle when nothing says where it is */
    const struct option_entry *options; /* ended by an entry without a name */
    enum status (*run)(struct airstore_oauthd *oauthd, const struct arguments *arguments);
};

/* The table of them all, in main.c: in groups, of which the first one has the heading, and ended by
 * a row without a verb. */
extern const struct verb_row {
    const char *heading;
    const struct verb *verb;
} verbs[];

/* NULL when there is none of this name. */
const struct verb *verb_find(const char *name);

extern const struct verb verb_add, verb_cancel, verb_config, verb_connect, verb_doctor, verb_get,
    verb_integrations, verb_list, verb_login, verb_logout, verb_remove, verb_sessions, verb_status,
    verb_watch;
