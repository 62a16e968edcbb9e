/* SPDX-License-Identifier: MIT */

/* airstore-oauth: the command line for people and scripts. Finds the verb and runs it. */

#include "cli/complete.h"
#include "cli/integration.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/screen.h"
#include "cli/term.h"
#include "cli/verb.h"
#include "cli/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

const struct verb_row verbs[] = {
    {"Connect", &verb_connect},
    {NULL, &verb_add},
    {NULL, &verb_cancel},
    {NULL, &verb_remove},
    {"Ask", &verb_get},
    {NULL, &verb_list},
    {NULL, &verb_sessions},
    {NULL, &verb_watch},
    {NULL, &verb_integrations},
    {"Manage", &verb_login},
    {NULL, &verb_logout},
    {"Check", &verb_status},
    {NULL, &verb_config},
    {NULL, &verb_doctor},
    {0},
};

/* All of it can be seen at once on a screen of 24 lines. */
static void help(void)
{
    puts("airstore-oauth VERB [OPTIONS]\n");
    for (const struct verb_row *row = verbs; row->verb; row++) {
        char left[64], operand[OPERAND_SIZE];
        snprintf(left, sizeof(left), "%-8s%s%s", row->heading ? row->heading : "", row->verb->name,
            operand_format(row->verb, operand));
        print_wrapped(left, 33, row->verb->summary);
    }
    putchar('\n');
    print_paragraph("airstore-oauth VERB --help explains a verb; --version prints the version.\n"
                    "Every verb takes --json and --quiet. Exit status: 0 done, 1 failed,\n"
                    "2 wrong usage, 3 denied, 4 timed out, 5 not configured or not authenticated,\n"
                    "6 no daemon, 7 Airstore unreachable, 8 nothing found.");
}

const struct verb *verb_find(const char *name)
{
    for (const struct verb_row *row = verbs; row->verb; row++) {
        if (streq(row->verb->name, name))
            return row->verb;
    }
    return NULL;
}

/* Who types the name of an integration means its type. What is neither is left to the daemon. */
static int understand_operand(const struct verb *verb, struct arguments *arguments, char **ret_type)
{
    struct integration integration = {0};
    int r = 0;

    if (!verb->operand || !arguments->operand || integration_is_type(arguments->operand))
        return 0;
    r = integration_find(arguments->oauthd, arguments->operand, &integration);
    if (r >= 0 && integration.known) {
        *ret_type = TAKE_PTR(integration.type);
        arguments->operand = *ret_type;
    }
    integration_clear(&integration);
    return r;
}

static enum status run_verb(const struct verb *verb, int argc, char *argv[])
{
    struct arguments arguments = {.timeout_msec = -1};
    struct airstore_oauthd *oauthd = NULL;
    _cleanup_free_ char *type = NULL;

    enum status status = options_parse(verb, argc, argv, &arguments);
    if (status != STATUS_DONE)
        return status;
    if (arguments.help) {
        options_help(verb);
        return STATUS_DONE;
    }
    if (arguments.quiet)
        be_quiet();
    int r = airstore_oauthd_open(NULL, &oauthd);
    if (r < 0 && verb->works_without_daemon)
        return verb->run(NULL, &arguments);
    if (r == -EINVAL) {
        complain("The value of AIRSTORE_OAUTHD_ADDRESS is not of the form unix:/path.");
        advise("Set it so, or unset it to use the standard address.");
        return STATUS_NO_DAEMON;
    }
    arguments.oauthd = oauthd;
    if (r >= 0)
        r = airstore_oauthd_set_profile(oauthd, profile_of(&arguments));
    if (r >= 0)
        r = understand_operand(verb, &arguments, &type);
    if (r < 0) {
        airstore_oauthd_close(oauthd);
        return report_code(r);
    }
    status = verb->run(oauthd, &arguments);
    airstore_oauthd_close(oauthd);
    return status;
}

static enum status refuse_verb(const char *name)
{
    const char *near = NULL;

    for (const struct verb_row *row = verbs; row->verb; row++)
        (void)nearest_try(name, row->verb->name, &near);
    complain("There is no verb \"%s\".", name);
    if (near)
        advise("Did you mean: airstore-oauth %s", near);
    advise("See: airstore-oauth --help");
    return STATUS_USAGE;
}

/* "help", which people try before --help. */
static enum status explain(const char *name_or_null)
{
    const struct verb *verb = name_or_null ? verb_find(name_or_null) : NULL;

    if (name_or_null && !verb)
        return refuse_verb(name_or_null);
    if (verb)
        options_help(verb);
    else
        help();
    return STATUS_DONE;
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
    if (streq(name, "complete") && argc > 3 && streq(argv[2], "--")) {
        complete(argc - 3, argv + 3);
        return STATUS_DONE;
    }
    if (streq(name, "help") && argc <= 3)
        return explain(argv[2]);
    const struct verb *verb = verb_find(name);
    if (!verb)
        return refuse_verb(name);
    return run_verb(verb, argc - 1, argv + 1);
}

/* In the place of a standard file that was handed over closed, the first socket would be opened,
 * and be written to. */
static void fill_standard_files(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY); /* writing to it is still an error */
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
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
    fill_standard_files();
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
