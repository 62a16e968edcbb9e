/* SPDX-License-Identifier: MIT */

/* status: whether all is well with the daemon. */

#include "cli/answer.h"
#include "cli/term.h"
#include "cli/text.h"
#include "cli/workspace.h"
#include "lib/base/timestamp.h"

#include <inttypes.h>

#define COLUMN 13

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    const struct airstore_oauthd_status *status = reply->status;
    const char *workspace_id = workspace_of(arguments), *profile = profile_of(arguments);
    char uptime[TEXT_SIZE];

    print_field("Daemon", COLUMN, "airstore-oauthd %s, running for %s", status->version,
        duration_format(status->uptime_msec * USEC_PER_MSEC, uptime));
    print_field("Airstore", COLUMN, "%s", status->api_base_url);
    print_field("API key", COLUMN, "%s%s", status->api_key_source ? "from " : "none",
        status->api_key_source ? status->api_key_source : "");
    if (workspace_id)
        print_field("Workspace", COLUMN, "%s, from AIRSTORE_WORKSPACE_ID here", workspace_id);
    else
        print_field("Workspace", COLUMN, "%s",
            status->default_workspace_id ? status->default_workspace_id
                                         : "none set; the API key's own");
    print_field("Callback", COLUMN, "%s",
        status->callback_address ? status->callback_address : "none; no session needs it now");
    print_field("Sessions", COLUMN, "%" PRId64 " pending", status->pending_sessions);
    print_field("Connections", COLUMN, "%" PRId64 " known", status->connections);
    for (size_t i = 0; status->profiles[i]; i++) {
        bool meant = profile && streq(status->profiles[i], profile);
        print_field("Profile", COLUMN, "%s%s", status->profiles[i],
            meant ? " (its server, key and workspace stand above)" : "");
    }
    for (size_t i = 0; status->problems[i]; i++)
        print_field("Problem", COLUMN, "%s", status->problems[i]);
    return 0;
}

static enum status status(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = airstore_oauthd_get_status(oauthd, &reply, &error);
    return answer(r, reply, error, arguments, show);
}

const struct verb verb_status = {
    .name = "status",
    .summary = "show whether all is well with the daemon",
    .description = "Shows what the daemon works with, and what is wrong and what to do about it.\n"
                   "Exits with 0 whenever the daemon answers.",
    .options = (const struct option_entry[]){OPTION_PROFILE, {0}},
    .run = status,
};
