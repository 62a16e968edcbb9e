/* SPDX-License-Identifier: MIT */

/* config: what is in force, and where each value comes from; read anew where that is asked for. */

#include "cli/answer.h"
#include "cli/table.h"

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    struct table table;

    table_init(&table, (const char *const[]){"SECTION", "SETTING", "VALUE", "FROM", NULL}, "FROM");
    for (size_t i = 0; reply->settings[i]; i++) {
        const struct airstore_oauthd_setting *setting = reply->settings[i];
        const char *value = setting->value ? setting->value : "(not shown)";
        table_add(
            &table, (const char *const[]){setting->section, setting->key, value, setting->source});
    }
    int r = table_print(&table);
    table_clear(&table);
    return r;
}

static enum status config(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = 0;
    if (arguments->reload)
        r = airstore_oauthd_reload(oauthd, NULL, &error);
    if (r >= 0)
        r = airstore_oauthd_get_configuration(oauthd, &reply, &error);
    return answer(r, reply, error, arguments, show);
}

const struct verb verb_config = {
    .name = "config",
    .summary = "show the configuration, and where it is from",
    .description = "Shows each value that is in force, and where it comes from. What can be set\n"
                   "is described in airstore-oauthd.conf(5).",
    .options =
        (const struct option_entry[]){
            {"reload", 0, NULL, "have the daemon read its files and its API key again first",
                OPTION_FLAG, offsetof(struct arguments, reload)},
            {0},
        },
    .run = config,
};
