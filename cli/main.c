/* SPDX-License-Identifier: MIT */

/* airstore-oauth: the command line for people and scripts. Finds the verb and runs it. */

#include "cli/options.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/screen.h"
#include "cli/term.h"
#include "cli/verb.h"
#include "cli/workspace.h"

#include <errno.h>

static const struct verb *const verbs[] = {
    &verb_connect,
    &verb_get,
    &verb_list,
    &verb_sessions,
    &verb_integrations,
    &verb_status,
    &verb_add,
    &verb_remove,
    &verb_cancel,
    &verb_watch,
    &verb_login,
    &verb_logout,
    &verb_config,
};

static void help(void)
{
    puts("airstore-oauth VERB [OPTIONS]\n\n"
         "Connect accounts to an Airstore workspace, and get the IDs of the connections.\n");
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
        char left[40];
        snprintf(left, sizeof(left), "%s %s%s%s", verbs[i]->name, verbs[i]->asks ? "[" : "",
            verbs[i]->operand ? verbs[i]->operand : "", verbs[i]->asks ? "]" : "");
        print_wrapped(left, 28, verbs[i]->summary);
    }
    puts("\n"
         "  --help     this help; airstore-oauth VERB --help explains a verb\n"
         "  --version  the version\n"
         "\n"
         "Every verb takes --json and --quiet. Exit status: 0 done, 1 failed,\n"
         "2 wrong usage, 3 denied, 4 timed out, 5 not configured or not authenticated,\n"
         "6 no daemon, 7 Airstore unreachable, 8 nothing found.");
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
        if (streq(verbs[i]->name, name))
            return verbs[i];
    }
    return NULL;
}

static enum status run_verb(const struct verb *verb, int argc, char *argv[])
{
    struct arguments arguments = {.timeout_msec = -1};
    struct airstore_oauthd *oauthd;

    enum status status = options_parse(verb, argc, argv, &arguments);
    if (status != STATUS_DONE)
        return status;
    if (arguments.help) {
        options_help(verb);
        return STATUS_DONE;
    }
    int r = airstore_oauthd_open(NULL, &oauthd);
    if (r == -EINVAL) {
        complain("The value of AIRSTORE_OAUTHD_ADDRESS is not of the form unix:/path.");
        advise("Set it so, or unset it to use the standard address.");
        return STATUS_NO_DAEMON;
    }
    if (r >= 0)
        r = airstore_oauthd_set_profile(oauthd, profile_of(&arguments));
    if (r < 0)
        return report_code(r);
    if (arguments.quiet)
        be_quiet();
    status = verb->run(oauthd, &arguments);
    airstore_oauthd_close(oauthd);
    return status;
}

static enum status run(int argc, char *argv[])
{
    const char *name = argc > 1 ? argv[1] : NULL;

    if (!name) {
        complain("A verb is missing.");
        advise("To connect an account: airstore-oauth connect");
        advise("All verbs: airstore-oauth --help");
        return STATUS_USAGE;
    }
    if (streq(name, "--help") || streq(name, "-h")) {
        help();
        return STATUS_DONE;
    }
    if (streq(name, "--version")) {
        puts("airstore-oauth " VERSION);
        return STATUS_DONE;
    }
    const struct verb *verb = find_verb(name);
    if (!verb) {
        complain("There is no verb \"%s\".", name);
        advise("See: airstore-oauth --help");
        return STATUS_USAGE;
    }
    return run_verb(verb, argc - 1, argv + 1);
}

/* Asked before anything else is understood, so that whatever is wrong is told in JSON as well. */
static bool wants_json(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        if (streq(argv[i], "--json"))
            return true;
    }
    return false;
}

int main(int argc, char *argv[])
{
    screen_init();
    enum status status = run(argc, argv);

    if (status != STATUS_DONE && wants_json(argc, argv))
        problem_print_json(status);
    if (fflush(stdout) == EOF || ferror(stdout)) {
        complain("The result could not be written: %s.", strerrordesc_np(errno));
        return STATUS_FAILED;
    }
    return (int)status;
}
