/* SPDX-License-Identifier: MIT */

/* integrations: what can be connected, and how. */

#include "cli/answer.h"
#include "cli/table.h"

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    static const char *const ways[] = {
        [AIRSTORE_OAUTHD_OAUTH] = "in the browser (connect)",
        [AIRSTORE_OAUTHD_OAUTH_OR_TOKEN] = "in the browser (connect) or with a token (add)",
        [AIRSTORE_OAUTHD_API_KEY] = "with an API key (add)",
    };
    struct table table;

    table_init(&table, (const char *const[]){"INTEGRATION", "NAME", "HOW", NULL}, "HOW");
    for (size_t i = 0; reply->integrations[i]; i++) {
        const struct airstore_oauthd_integration *integration = reply->integrations[i];
        table_add(&table, (const char *const[]){integration->integration_type, integration->name,
                              ways[integration->authentication]});
    }
    int r = table_print(&table);
    table_clear(&table);
    return r;
}

static enum status integrations(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = airstore_oauthd_list_integrations(oauthd, &reply, &error);
    return answer(r, reply, error, arguments, show);
}

const struct verb verb_integrations = {
    .name = "integrations",
    .summary = "list what can be connected, and how",
    .description = "Lists the integrations that this version knows, and how each is connected.\n"
                   "Airstore may know more of them; their names can be used all the same.",
    .options = (const struct option_entry[]){{0}},
    .run = integrations,
};
