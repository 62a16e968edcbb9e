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

/* What is deleted, and where. At a terminal, whoever typed it has to agree. */
static enum status announce(
    const struct arguments *arguments, const char *type, const char *id, const char *workspace_id)
{
    _cleanup_(integration_clear) struct integration integration = {0};
    _cleanup_free_ char *line = NULL;
    size_t size = 0;

    int r = integration_find(arguments->oauthd, type, &integration);
    if (r < 0)
        return report_code(r);
    say("This deletes the connection to %s%s%s, for everything in the workspace that uses "
        "it%s%s%s.",
        integration.name, workspace_id ? " of the workspace " : "",
        workspace_id ? workspace_id : "", id ? " (" : "", id ? id : "", id ? ")" : "");
    if (arguments->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return STATUS_DONE;
    fputs("Delete it? [y/N] ", stderr);
    if (getline(&line, &size, stdin) < 0)
        putc('\n', stderr);
    else if (strcasecmp(line, "y\n") == 0 || strcasecmp(line, "yes\n") == 0)
        return STATUS_DONE;
    complain("Nothing was deleted.");
    advise("To be asked nothing: airstore-oauth remove --yes");
    return STATUS_FAILED;
}

static enum status delete_connection(struct airstore_oauthd *oauthd,
    const struct arguments *arguments, const char *connection_id, const char *workspace_id)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = airstore_oauthd_delete_connection(oauthd, connection_id, workspace_id, &reply, &error);
    return answer(r, reply, error, arguments, show);
}

static enum status remove_known(struct airstore_oauthd *oauthd, const struct arguments *arguments,
    const struct airstore_oauthd_connection *known, const char *workspace_id)
{
    enum status status = announce(arguments, known->integration_type, known->connection_id,
        known->workspace_id ? known->workspace_id : workspace_id);

    if (status != STATUS_DONE)
        return status;
    return delete_connection(oauthd, arguments, known->connection_id, workspace_id);
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

/* One that is not known here may still exist at Airstore. */
static enum status remove_unknown(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    const char *workspace_id = workspace_of(arguments);
    enum status status = announce(arguments, arguments->operand, NULL, workspace_id);

    if (status != STATUS_DONE)
        return status;
    return delete_connection(oauthd, arguments, arguments->operand, workspace_id);
}

/* Of an integration, the one connection that the person can have meant. */
static enum status remove_by_integration(struct airstore_oauthd *oauthd,
    const struct arguments *arguments, const struct airstore_oauthd_reply *list)
{
    const struct airstore_oauthd_connection *found = NULL;

    for (size_t i = 0; list->connections[i]; i++) {
        const struct airstore_oauthd_connection *connection = list->connections[i];
        if (!streq(connection->integration_type, arguments->operand) ||
            !streq_or_null(connection->profile, profile_of(arguments)))
            continue;
        if (found) {
            complain("%s is connected to several workspaces.", arguments->operand);
            advise("Name one with -w, or give a connection's ID: airstore-oauth list");
            return STATUS_USAGE;
        }
        found = connection;
    }
    if (!found)
        return remove_unknown(oauthd, arguments);
    return remove_known(oauthd, arguments, found, found->workspace_id);
}

static enum status remove_connection(
    struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *list = NULL;
    struct airstore_oauthd_error *error = NULL;
    const struct airstore_oauthd_connection *known;
    enum status status;

    int r = airstore_oauthd_list_connections(
        oauthd, workspace_of(arguments), NULL, false, &list, &error);
    if (r < 0)
        return answer(r, NULL, error, arguments, show);
    known = find_id(list, arguments->operand);
    if (known)
        status = remove_known(oauthd, arguments, known, workspace_of(arguments));
    else
        status = remove_by_integration(oauthd, arguments, list);
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
