/* SPDX-License-Identifier: MIT */

/* remove: delete a connection at Airstore, named by its ID or by its integration. */

#include "cli/answer.h"
#include "cli/integration.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/term.h"
#include "cli/workspace.h"
#include "lib/base/memory.h"

#include <stdio.h>
#include <strings.h>

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    _cleanup_(integration_clear) struct integration integration = {0};

    int r = integration_find(arguments->oauthd, arguments->operand, &integration);
    if (r >= 0)
        say("%s is not connected any more.", integration.name);
    return r;
}

/* At a terminal, whoever typed it has to agree. */
static enum status ask(const struct arguments *typed)
{
    _cleanup_free_ char *line = NULL;
    char options[OPTIONS_SIZE];
    size_t size = 0;

    if (typed->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return STATUS_DONE;
    fputs("Delete it? [y/N] ", stderr);
    if (getline(&line, &size, stdin) < 0)
        putc('\n', stderr);
    else if (strcasecmp(line, "y\n") == 0 || strcasecmp(line, "yes\n") == 0)
        return STATUS_DONE;
    complain("Nothing was deleted.");
    advise("To be asked nothing: airstore-oauth remove %s%s --yes", typed->operand,
        options_again(typed, options));
    return STATUS_FAILED;
}

/* What is deleted, and where. */
static int announce(const struct arguments *arguments, const char *id)
{
    _cleanup_(integration_clear) struct integration integration = {0};
    const char *workspace_id = workspace_of(arguments);

    int r = integration_find(arguments->oauthd, arguments->operand, &integration);
    if (r >= 0)
        say("This deletes the connection to %s%s%s, for everything in the workspace that uses "
            "it%s%s%s.",
            integration.name, workspace_id ? " of the workspace " : "",
            workspace_id ? workspace_id : "", id ? " (" : "", id ? id : "", id ? ")" : "");
    return r;
}

/* One that is not known here may still exist at Airstore. */
static enum status remove_one(struct airstore_oauthd *oauthd, const struct arguments *typed,
    const struct airstore_oauthd_connection *known)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;
    struct arguments meant = *typed;

    /* What is told and advised is about this one, however it was named. What was typed counts, then
     * what is known, and only then the environment. */
    if (known) {
        meant.operand = known->integration_type;
        if (!typed->workspace_id)
            meant.workspace_id = known->workspace_id;
        if (!typed->profile && !streq_or_null(known->profile, profile_of(typed)))
            meant.profile = known->profile ? known->profile : "";
    }
    int r = announce(&meant, known ? known->connection_id : NULL);
    if (r < 0)
        return report_code(r);
    enum status status = ask(typed);
    if (status != STATUS_DONE)
        return status;
    r = airstore_oauthd_set_profile(oauthd, profile_of(&meant));
    if (r < 0)
        return report_code(r);
    r = airstore_oauthd_delete_connection(oauthd, known ? known->connection_id : typed->operand,
        workspace_of(&meant), &reply, &error);
    return answer(r, reply, error, &meant, show);
}

static const struct airstore_oauthd_connection *find_id(
    const struct airstore_oauthd_reply *list, const char *operand)
{
    for (size_t i = 0; list->connections[i]; i++) {
        if (streq(list->connections[i]->connection_id, operand))
            return list->connections[i];
    }
    return NULL;
}

static bool is_meant(
    const struct airstore_oauthd_connection *connection, const struct arguments *arguments)
{
    const char *workspace_id = workspace_of(arguments);

    return streq(connection->integration_type, arguments->operand) &&
           streq_or_null(connection->profile, profile_of(arguments)) &&
           (!workspace_id || streq_or_null(connection->workspace_id, workspace_id));
}

/* Of an integration, the one connection that the person can have meant. */
static enum status remove_by_integration(struct airstore_oauthd *oauthd,
    const struct arguments *arguments, const struct airstore_oauthd_reply *list)
{
    const struct airstore_oauthd_connection *found = NULL;

    for (size_t i = 0; list->connections[i]; i++) {
        if (!is_meant(list->connections[i], arguments))
            continue;
        if (found) {
            complain("%s is connected to several workspaces.", arguments->operand);
            advise("Name one with -w, or give a connection's ID: airstore-oauth list");
            return STATUS_USAGE;
        }
        found = list->connections[i];
    }
    return remove_one(oauthd, arguments, found);
}

/* An ID says by itself where the connection is, whatever the environment does: so connections of
 * all profiles and workspaces are listed, unless a profile was typed. For an integration, those
 * that can be meant are enough: all of them may be more than fit into a reply. */
static enum status remove_connection(
    struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *list = NULL;
    struct airstore_oauthd_error *error = NULL;
    _cleanup_(integration_clear) struct integration integration = {0};

    int r = integration_find(oauthd, arguments->operand, &integration);
    if (r < 0)
        return report_code(r);
    if (!integration.known && !arguments->profile)
        (void)airstore_oauthd_set_profile(oauthd, NULL); /* which needs no memory */
    r = airstore_oauthd_list_connections(oauthd, integration.known ? workspace_of(arguments) : NULL,
        integration.known ? arguments->operand : NULL, false, &list, &error);
    if (r < 0)
        return answer(r, NULL, error, arguments, show);
    const struct airstore_oauthd_connection *known = find_id(list, arguments->operand);
    enum status status = known ? remove_one(oauthd, arguments, known)
                               : remove_by_integration(oauthd, arguments, list);
    airstore_oauthd_reply_free(list);
    return status;
}

const struct verb verb_remove = {
    .name = "remove",
    .operand = "INTEGRATION",
    .operand_values = VALUES_CONNECTION,
    .summary = "delete a connection at Airstore",
    .description =
        "Deletes the connection to an integration, or the connection with this ID, at Airstore\n"
        "and here. Whoever uses it in the workspace cannot use it any more. Asks first, at a\n"
        "terminal.",
    .options =
        (const struct option_entry[]){
            OPTION_PROFILE,
            OPTION_WORKSPACE,
            {"yes", 'y', NULL, "do not ask first", OPTION_FLAG, offsetof(struct arguments, yes)},
            {0},
        },
    .run = remove_connection,
};
