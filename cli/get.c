/* SPDX-License-Identifier: MIT */

/* get: the ID of a connection, for scripts. */

#include "cli/answer.h"
#include "cli/term.h"
#include "cli/workspace.h"

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    print_line("%s", reply->connection->connection_id);
    return 0;
}

static enum status get(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = airstore_oauthd_get_connection(
        oauthd, arguments->operand, workspace_of(arguments), &reply, &error);
    return answer(r, reply, error, arguments, show);
}

const struct verb verb_get = {
    .name = "get",
    .operand = "INTEGRATION",
    .operand_values = VALUES_CONNECTED,
    .summary = "print the ID of a connection, and nothing else",
    .description = "Prints the ID of the workspace's connection to an integration, and nothing\n"
                   "else. Exits with 8 when there is none.",
    .options = (const struct option_entry[]){OPTION_PROFILE, OPTION_WORKSPACE, {0}},
    .run = get,
};
