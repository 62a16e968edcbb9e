/* SPDX-License-Identifier: MIT */

/* status: whether all is well with the daemon. */

#include "cli/answer.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/setting.h"
#include "cli/term.h"
#include "cli/text.h"
#include "cli/workspace.h"
#include "lib/base/json.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <inttypes.h>

#define COLUMN 13

static int show_status(
    const struct airstore_oauthd_status *status, const struct arguments *arguments)
{
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

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    return show_status(reply->status, arguments);
}

static bool has_profile(const struct airstore_oauthd_status *status, const char *profile)
{
    for (size_t i = 0; status->profiles[i]; i++) {
        if (streq(status->profiles[i], profile))
            return true;
    }
    return false;
}

/* The daemon's answer, with those of the profile in the place of what the default one has. */
static int show_json(
    const struct airstore_oauthd_reply *reply, const struct airstore_oauthd_status *status)
{
    const char *text = airstore_oauthd_reply_json(reply);
    _cleanup_json_ struct json_object *whole = NULL;
    const struct {
        const char *name, *value;
    } members[] = {
        {"api_base_url", status->api_base_url},
        {"api_key_source", status->api_key_source},
        {"default_workspace_id", status->default_workspace_id},
    };
    int r = text ? json_parse(text, strlen(text), &whole) : -ENOMEM;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(members); i++) {
        json_object_object_del(whole, members[i].name);
        r = json_add_string(whole, members[i].name, members[i].value);
    }
    return r < 0 ? r : print_json_tree(whole);
}

static int show_profile(const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_reply *configuration, const struct arguments *arguments)
{
    const char *profile = profile_of(arguments);
    const struct airstore_oauthd_setting *base_url =
                                             setting_find(configuration, profile, "base-url"),
                                         *key = setting_find(configuration, profile, "api-key"),
                                         *workspace =
                                             setting_find(configuration, profile, "workspace");
    struct airstore_oauthd_status shown = *reply->status;

    if (base_url)
        shown.api_base_url = base_url->value;
    shown.api_key_source = key ? key->source : NULL;
    shown.default_workspace_id = workspace ? workspace->value : NULL;
    return arguments->json ? show_json(reply, &shown) : show_status(&shown, arguments);
}

static enum status status_of_profile(struct airstore_oauthd *oauthd,
    const struct arguments *arguments, const struct airstore_oauthd_reply *reply)
{
    struct airstore_oauthd_reply *configuration = NULL;
    struct airstore_oauthd_error *error = NULL;

    if (!has_profile(reply->status, profile_of(arguments))) {
        complain("There is no profile %s.", profile_of(arguments));
        advise("See those that there are with: airstore-oauth status -p \"\"");
        return STATUS_NOT_CONFIGURED;
    }
    int r = airstore_oauthd_get_configuration(oauthd, &configuration, &error);
    if (r < 0)
        return answer(r, NULL, error, arguments, show);
    r = show_profile(reply, configuration, arguments);
    airstore_oauthd_reply_free(configuration);
    return r < 0 ? report_code(r) : STATUS_DONE;
}

static enum status status(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = airstore_oauthd_get_status(oauthd, &reply, &error);
    if (r < 0 || !profile_of(arguments))
        return answer(r, reply, error, arguments, show);
    enum status status = status_of_profile(oauthd, arguments, reply);
    airstore_oauthd_reply_free(reply);
    return status;
}

const struct verb verb_status = {
    .name = "status",
    .summary = "show whether all is well with the daemon",
    .description = "Shows what the daemon works with, and what is wrong and what to do about it.\n"
                   "Exits with 0 whenever the daemon answers.",
    .options = (const struct option_entry[]){OPTION_PROFILE, {0}},
    .run = status,
};
