/* SPDX-License-Identifier: MIT */

/* list: the connections. */

#include "cli/answer.h"
#include "cli/setting.h"
#include "cli/table.h"
#include "cli/term.h"
#include "cli/text.h"
#include "cli/workspace.h"
#include "lib/base/timestamp.h"

static void tell_nothing(const struct arguments *arguments)
{
    const char *workspace_id = workspace_of(arguments), *profile = profile_of(arguments);
    struct airstore_oauthd_reply *reply = NULL;
    char options[OPTIONS_SIZE];
    bool known = workspace_id;

    if (!known && airstore_oauthd_get_configuration(arguments->oauthd, &reply, NULL) >= 0)
        known = setting_find(reply, profile, "workspace");
    airstore_oauthd_reply_free(reply);
    options_again(arguments, options);
    if (arguments->refresh)
        say("Airstore has no connections in %s.", workspace_id ? workspace_id : "the workspace");
    else
        say("No connection is known. See what Airstore has with: airstore-oauth list --refresh%s%s",
            options, known ? "" : " -w WORKSPACE");
    say("Make one with: airstore-oauth connect INTEGRATION%s", options);
}

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    struct table table;
    int64_t now = timestamp_now(CLOCK_REALTIME);
    size_t skipped = 1; /* the column of the profiles, unless there are any */

    if (!reply->connections[0]) {
        tell_nothing(arguments);
        return 0;
    }
    for (size_t i = 0; reply->connections[i]; i++)
        skipped = reply->connections[i]->profile ? 0 : skipped;
    const char *const headings[] = {
        "PROFILE", "INTEGRATION", "CONNECTION", "WORKSPACE", "SCOPE", "UPDATED", NULL};
    table_init(&table, headings + skipped, "SCOPE");
    for (size_t i = 0; reply->connections[i]; i++) {
        const struct airstore_oauthd_connection *connection = reply->connections[i];
        char updated[TEXT_SIZE];
        const char *const cells[] = {connection->profile, connection->integration_type,
            connection->connection_id, connection->workspace_id, connection->scope,
            time_relative(connection->updated_at_usec, now, updated)};
        table_add(&table, cells + skipped);
    }
    int r = table_print(&table);
    table_clear(&table);
    return r;
}

static enum status list(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;
    /* Airstore can only be asked about one workspace; what is known here is shown whole. */
    const char *workspace_id =
        arguments->refresh ? workspace_of(arguments) : arguments->workspace_id;

    int r = airstore_oauthd_list_connections(
        oauthd, workspace_id, NULL, arguments->refresh, &reply, &error);
    return answer(r, reply, error, arguments, show);
}

const struct verb verb_list = {
    .name = "list",
    .summary = "list the connections",
    .description = "Lists the connections that are known here: of all profiles and workspaces,\n"
                   "unless one is named. With --refresh, asks Airstore for those of one workspace.",
    .options =
        (const struct option_entry[]){
            OPTION_PROFILE,
            OPTION_WORKSPACE,
            {"refresh", 0, NULL, "ask Airstore what there is now", OPTION_FLAG,
                offsetof(struct arguments, refresh)},
            {0},
        },
    .run = list,
};
