/* SPDX-License-Identifier: MIT */
#include "cli/plan.h"

#include "cli/workspace.h"
#include "lib/base/memory.h"

static int find_integration(struct airstore_oauthd *oauthd, const char *type, struct plan *plan)
{
    struct airstore_oauthd_reply *reply = NULL;
    const char *name = type;

    int r = airstore_oauthd_list_integrations(oauthd, &reply, NULL);
    plan->untold = r < 0;
    for (size_t i = 0; r >= 0 && reply->integrations[i]; i++) {
        const struct airstore_oauthd_integration *integration = reply->integrations[i];
        if (!streq(integration->integration_type, type))
            continue;
        name = integration->name;
        plan->untold = integration->authentication == AIRSTORE_OAUTHD_API_KEY;
        plan->unsure = !plan->untold;
    }
    r = string_replace(&plan->name, name);
    airstore_oauthd_reply_free(reply);
    return r;
}

static int find_workspace(
    struct airstore_oauthd *oauthd, const struct arguments *arguments, struct plan *plan)
{
    struct airstore_oauthd_reply *reply = NULL;
    const char *workspace_id = workspace_of(arguments);

    /* That of a profile is not told. */
    if (!workspace_id && !profile_of(arguments) &&
        airstore_oauthd_get_status(oauthd, &reply, NULL) >= 0)
        workspace_id = reply->status->default_workspace_id;
    int r = string_replace(&plan->workspace_id, workspace_id);
    airstore_oauthd_reply_free(reply);
    return r;
}

static void learn(struct plan *plan, const struct airstore_oauthd_connection *connection)
{
    plan->connected = true;
    plan->unsure = false;
    plan->updated_at_usec = connection->updated_at_usec;
}

int plan_make(struct airstore_oauthd *oauthd, const struct arguments *arguments, struct plan *plan)
{
    struct airstore_oauthd_reply *reply = NULL;

    plan->updated_at_usec = -1;
    int r = find_integration(oauthd, arguments->operand, plan);
    if (r >= 0 && !plan->untold)
        r = find_workspace(oauthd, arguments, plan);
    if (r >= 0 && !plan->untold &&
        airstore_oauthd_get_connection(
            oauthd, arguments->operand, plan->workspace_id, &reply, NULL) >= 0)
        learn(plan, reply->connection);
    airstore_oauthd_reply_free(reply);
    return r;
}

void plan_learn(struct plan *plan, const struct airstore_oauthd_reply *reply)
{
    plan->unsure = false;
    if (reply->connections[0])
        learn(plan, reply->connections[0]);
}

void plan_clear(struct plan *plan)
{
    free(plan->name);
    free(plan->workspace_id);
}
