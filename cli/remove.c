/* SPDX-License-Identifier: MIT */

/* remove: delete a connection at Airstore, named by its ID or by its integration. */

#include "cli/answer.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/term.h"
#include "cli/workspace.h"
#include "lib/base/memory.h"

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    say("%s is not connected any more.", arguments->operand);
    return 0;
}

static enum status delete_connection(struct airstore_oauthd *oauthd,
    const struct arguments *arguments, const char *connection_id, const char *workspace_id)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = airstore_oauthd_delete_connection(oauthd, connection_id, workspace_id, &reply, &error);
    return answer(r, reply, error, arguments, show);
}

static bool is_id(const struct airstore_oauthd_reply *list, const char *operand)
{
    for (size_t i = 0; list->connections[i]; i++) {
        if (streq(list->connections[i]->connection_id, operand))
            return true;
    }
    return false;
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
    /* One that is not known here may still exist at Airstore. */
    if (!found)
        return delete_connection(oauthd, arguments, arguments->operand, workspace_of(arguments));
    return delete_connection(oauthd, arguments, found->connection_id, found->workspace_id);
}

static enum status remove_connection(
    struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *list = NULL;
    struct airstore_oauthd_error *error = NULL;
    enum status status;

    int r = airstore_oauthd_list_connections(
        oauthd, workspace_of(arguments), NULL, false, &list, &error);
    if (r < 0)
        return answer(r, NULL, error, arguments, show);
    if (is_id(list, arguments->operand))
        status = delete_connection(oauthd, arguments, arguments->operand, workspace_of(arguments));
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
        "and here. Whoever uses it in the workspace cannot use it any more.",
    .options = (const struct option_entry[]){OPTION_PROFILE, OPTION_WORKSPACE, {0}},
    .run = remove_connection,
};
