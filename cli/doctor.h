/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the checks of "doctor" share: what has been found out so far, and where findings go. A check
 * looks at one thing and adds one finding or more; later checks go by what earlier ones have
 * learned.
 */

#include "cli/verb.h"
#include "lib/base/memory.h"

struct finding {
    char *check;
    enum airstore_oauthd_check_result result;
    char *message; /* a sentence without its end */
    char *advice;  /* what to do, with the command to type; or NULL */
};

struct doctor {
    struct airstore_oauthd *oauthd; /* NULL: nothing says where the daemon is */
    const struct arguments *arguments;
    bool elsewhere;    /* it is not where systemd listens, so that the units do not matter */
    bool managed;      /* the person's systemd starts it */
    bool listens;      /* somebody does, who is to be trusted */
    bool answers;      /* the daemon does */
    char *environment; /* of the user manager, a variable a line; NULL unless it answers */
    char *browser, *browser_source; /* the command that is configured; or NULL */

    struct finding *findings;
    size_t n_findings;
    int failed; /* -ENOMEM when a finding could not be kept */
};

void doctor_add(struct doctor *doctor, const char *check, enum airstore_oauthd_check_result result,
    const char *advice_or_null, const char *format, ...) _printf_(5, 6);

/* In the order in which they have to run. */
void check_runtime(struct doctor *doctor); /* doctor-socket.c */
void check_socket(struct doctor *doctor);
void check_daemon(struct doctor *doctor); /* doctor-daemon.c */
void check_units(struct doctor *doctor);  /* doctor-units.c */
void check_state(struct doctor *doctor);  /* doctor-files.c */
void check_key_file(struct doctor *doctor);
void check_display(struct doctor *doctor); /* doctor-desktop.c */
void check_browser(struct doctor *doctor);
void check_by_daemon(struct doctor *doctor); /* doctor-daemon.c */

/* Whether others can read the file with the API key; the advice says how to end that. */
#define ADVICE_SIZE 512
bool key_file_is_open(char advice[static ADVICE_SIZE]); /* doctor-files.c */

/* How a daemon that runs is started anew. */
const char *doctor_restart(const struct doctor *doctor); /* doctor-daemon.c */

/* The value of a variable as the user manager has it, else as it is here; NULL when it is unset or
 * empty there. Borrowed until the next call. */
const char *doctor_variable(const struct doctor *doctor, const char *name);

#define CHECK_OK AIRSTORE_OAUTHD_CHECK_OK
#define CHECK_WARNING AIRSTORE_OAUTHD_CHECK_WARNING
#define CHECK_WRONG AIRSTORE_OAUTHD_CHECK_WRONG
