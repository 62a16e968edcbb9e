/* SPDX-License-Identifier: MIT */

/* config: what is in force, and where each value comes from; read anew where that is asked for. */

#include "cli/answer.h"
#include "cli/table.h"
#include "lib/base/memory.h"

static bool is_first_of_section(const struct airstore_oauthd_reply *reply, size_t i)
{
    for (size_t before = 0; before < i; before++) {
        if (streq(reply->settings[before]->section, reply->settings[i]->section))
            return false;
    }
    return true;
}

/* All of the section that begins there: the daemon tells the keys of all sections first. */
static void add_section(
    struct table *table, const struct airstore_oauthd_reply *reply, size_t first)
{
    for (size_t i = first; reply->settings[i]; i++) {
        const struct airstore_oauthd_setting *setting = reply->settings[i];
        if (streq(setting->section, reply->settings[first]->section))
            table_add(table, (const char *const[]){setting->section, setting->key,
                                 setting->value ? setting->value : "(not shown)", setting->source});
    }
}

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    struct table table;

    table_init(&table, (const char *const[]){"SECTION", "SETTING", "VALUE", "FROM", NULL}, "FROM");
    for (size_t i = 0; reply->settings[i]; i++) {
        if (is_first_of_section(reply, i))
            add_section(&table, reply, i);
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
