/* SPDX-License-Identifier: MIT */

/* The person's systemd: whether it listens for the daemon and could start it and its helper. */

#include "cli/child.h"
#include "cli/doctor.h"
#include "cli/manager.h"
#include "lib/base/environment.h"

#include <errno.h>
#include <stdio.h>

#define STATE_SIZE 64
#define VALUE_SIZE 4096

struct unit {
    const char *name;
    const char *missing; /* what it means that it does not listen; NULL for one that need not run */
    const char *starting; /* how that is changed */
    char load[STATE_SIZE], active[STATE_SIZE], file[STATE_SIZE], result[STATE_SIZE];
};

/* "Name=value": into the unit's state. */
static void take_property(struct unit *unit, const char *line)
{
    const struct {
        const char *name;
        char *state;
    } table[] = {
        {"LoadState=", unit->load},
        {"ActiveState=", unit->active},
        {"UnitFileState=", unit->file},
        {"Result=", unit->result},
    };

    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (strncmp(line, table[i].name, strlen(table[i].name)) == 0)
            snprintf(table[i].state, STATE_SIZE, "%s", line + strlen(table[i].name));
    }
}

/* Returns its exit status, or negative errno. */
static int ask_about(struct unit *unit)
{
    const char *const argv[] = {"systemctl", "--user", "show",
        "--property=LoadState,ActiveState,UnitFileState,Result", "--", unit->name, NULL};
    _cleanup_free_ char *output = NULL;
    char *rest;

    int r = child_ask(argv, &output);
    if (r != 0)
        return r;
    for (char *line = strtok_r(output, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        take_property(unit, line);
    return 0;
}

static bool has_failed(const struct unit *unit)
{
    return streq(unit->active, "failed") || (*unit->result && !streq(unit->result, "success"));
}

/* One that fails is started again at once, as somebody waits for it; what its last try came to is
 * forgotten then. */
static bool is_failing(const struct doctor *doctor, const struct unit *unit)
{
    return doctor->listens && !doctor->answers && streq(unit->active, "activating");
}

/* Adds what is wrong with it. Returns false when all is well. */
static bool add_problem(struct doctor *doctor, const struct unit *unit)
{
    char advice[256];

    if (streq(unit->load, "not-found")) {
        doctor_add(doctor, "units", CHECK_WRONG,
            "install airstore-oauthd; then: systemctl --user daemon-reload", "%s is not installed",
            unit->name);
    } else if (streq(unit->load, "masked")) {
        snprintf(advice, sizeof(advice), "systemctl --user unmask %s", unit->name);
        doctor_add(doctor, "units", CHECK_WRONG, advice, "%s is masked", unit->name);
    } else if (has_failed(unit) || is_failing(doctor, unit)) {
        snprintf(advice, sizeof(advice),
            "journalctl --user -u %s -n 20; then: systemctl --user restart %s", unit->name,
            unit->name);
        if (has_failed(unit))
            doctor_add(doctor, "units", CHECK_WRONG, advice, "%s has failed (%s)", unit->name,
                unit->result);
        else
            doctor_add(
                doctor, "units", CHECK_WRONG, advice, "%s is started again and again", unit->name);
    } else if (unit->missing && !streq(unit->active, "active")) {
        snprintf(advice, sizeof(advice), "systemctl --user %s %s", unit->starting, unit->name);
        doctor_add(doctor, "units", CHECK_WRONG, advice, "%s is not started: %s", unit->name,
            unit->missing);
    } else if (streq(unit->file, "disabled")) {
        snprintf(advice, sizeof(advice), "systemctl --user enable %s", unit->name);
        doctor_add(doctor, "units", CHECK_WARNING, advice,
            "%s is not enabled, so that nobody listens after the next login", unit->name);
    } else {
        return false;
    }
    return true;
}

/* What the manager hands to everything that it starts. */
static void read_environment(struct doctor *doctor)
{
    static const char *const argv[] = {"systemctl", "--user", "show-environment", NULL};

    if (child_ask(argv, &doctor->environment) != 0) {
        free(doctor->environment);
        doctor->environment = NULL;
    }
}

void check_units(struct doctor *doctor)
{
    struct unit units[] = {
        {"airstore-oauthd.socket", "nobody listens for programs", "enable --now", "", "", "", ""},
        {"airstore-oauthd.service", NULL, NULL, "", "", "", ""},
        {"airstore-oauth-desktop.socket", "no browser can be opened", "start", "", "", "", ""},
    };
    unsigned problems = 0;

    if (doctor->elsewhere) {
        doctor_add(doctor, "units", CHECK_OK, NULL,
            "do not matter: AIRSTORE_OAUTHD_ADDRESS names another socket than theirs");
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        int r = ask_about(&units[i]);
        if (r != 0) {
            doctor_add(doctor, "units", CHECK_WARNING,
                doctor->answers ? NULL : "start it by hand: " DAEMON " &",
                r == -ENOENT
                    ? "there is no systemd here that could start airstore-oauthd"
                    : "no systemd of yours answers, so that it cannot start airstore-oauthd");
            return;
        }
        problems += add_problem(doctor, &units[i]);
    }
    read_environment(doctor);
    if (problems == 0)
        doctor_add(doctor, "units", CHECK_OK, NULL,
            "systemd listens, and starts airstore-oauthd and its helper when they are needed");
}

/* A value as systemctl prints it: in $'…' where a shell would not take it as it is. (The \n and \t
 * of that occur in none that is looked at.) */
static void copy_value(const char *text, size_t size, char value[static VALUE_SIZE])
{
    bool quoted = size >= 3 && strncmp(text, "$'", 2) == 0 && text[size - 1] == '\'';
    const char *end = text + size - (quoted ? 1 : 0);
    size_t n = 0;

    for (text += quoted ? 2 : 0; text < end && n < VALUE_SIZE - 1; text++) {
        text += quoted && *text == '\\';
        value[n++] = *text;
    }
    value[n] = '\0';
}

const char *doctor_variable(const struct doctor *doctor, const char *name)
{
    static char value[VALUE_SIZE];
    size_t length = strlen(name);

    if (!doctor->environment)
        return environment(name);
    for (const char *line = doctor->environment; *line;) {
        size_t size = strcspn(line, "\n");
        if (size > length + 1 && strncmp(line, name, length) == 0 && line[length] == '=') {
            copy_value(line + length + 1, size - length - 1, value);
            return value;
        }
        line += size + (line[size] == '\n');
    }
    return NULL;
}
