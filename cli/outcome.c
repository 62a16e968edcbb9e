/* SPDX-License-Identifier: MIT */
#include "cli/outcome.h"

#include "cli/integration.h"
#include "cli/manager.h"
#include "cli/problem.h"
#include "cli/setting.h"
#include "cli/workspace.h"
#include "lib/base/buffer.h"

#include <ctype.h>
#include <errno.h>

#define NOT_CONNECTED "{name} was not connected: {message}"
#define CONNECT_AGAIN "Try again with: airstore-oauth connect {integration}{options}"

#define AIRSTORE_SAID "Airstore answered: {message}"
#define DID_YOU_MEAN                                                                               \
    "Did you mean {near}? See what can be connected with: airstore-oauth integrations"
#define NAME_THE_WORKSPACE                                                                         \
    "Name it with -w WORKSPACE, or for good with 'workspace = ws_…' in airstore-oauthd.conf(5)"

#define START_IT "Start it with: {start}"

#define NAME(error) "ai.airstore.OAuth." error

/* What is known of the circumstances, once something has gone wrong. */
struct circumstances {
    const struct arguments *arguments; /* or NULL */
    struct integration integration;
    const char *message;
    struct airstore_oauthd_reply *configuration; /* or NULL: it is not told */
    char options[OPTIONS_SIZE], profile_option[OPTIONS_SIZE];
};

static const struct airstore_oauthd_setting *setting(
    const struct circumstances *circumstances, const char *key_or_null)
{
    return setting_find(
        circumstances->configuration, profile_of(circumstances->arguments), key_or_null);
}

static bool lacks_profile(const struct circumstances *circumstances)
{
    return circumstances->configuration && !setting(circumstances, NULL);
}

static bool lacks_key(const struct circumstances *circumstances)
{
    return circumstances->configuration && !setting(circumstances, "api-key");
}

static bool lacks_workspace(const struct circumstances *circumstances)
{
    return circumstances->configuration && !workspace_of(circumstances->arguments) &&
           !setting(circumstances, "workspace");
}

static bool is_misspelt(const struct circumstances *circumstances)
{
    return circumstances->integration.near;
}

static bool is_unknown(const struct circumstances *circumstances)
{
    return circumstances->integration.type && !circumstances->integration.known;
}

static bool has_manager(const struct circumstances *circumstances)
{
    return manager_runs();
}

/* In texts, {integration} is the one that was asked for, {name} what people call it, and {near} the
 * one that was probably meant; {options} are those that name the profile and the workspace again,
 * where they were named, {profile} only the former, and {refresh} the same for "list --refresh",
 * which cannot do without a workspace; {where} is the workspace for people, {source} where the API
 * key is from, {start} how the daemon is started, and {message} the error's own.
 *
 * The first row that fits counts. What a row leaves out fits everything, but a row without a name
 * and with a code is for errors on the way to the daemon. */
static const struct outcome {
    const char *name;
    enum airstore_oauthd_failure failure;
    int http_status;
    int code;
    bool (*holds)(const struct circumstances *circumstances);
    enum status status;
    const char *message; /* in place of the error's own, or NULL */
    const char *advice;
} outcomes[] = {
    {NAME("NotConfigured"), .holds = lacks_profile, .status = STATUS_NOT_CONFIGURED,
        .advice = "See those that there are with: airstore-oauth status -p \"\""},
    {NAME("NotConfigured"), .holds = lacks_key, .status = STATUS_NOT_CONFIGURED,
        .advice = "Store an API key with: airstore-oauth login{profile}"},
    {NAME("NotConfigured"), .holds = lacks_workspace, .status = STATUS_NOT_CONFIGURED,
        .message = "It is not known which workspace is meant.", .advice = NAME_THE_WORKSPACE},
    {NAME("NotConfigured"), .status = STATUS_NOT_CONFIGURED,
        .advice = "See what the daemon has with: airstore-oauth status{profile}"},
    {NAME("InvalidConfiguration"), .status = STATUS_FAILED,
        .message = "The configuration of airstore-oauthd has a mistake: {message}",
        .advice = "Correct it there, then: airstore-oauth config --reload\n"
                  "See whether something else is wrong with: airstore-oauth doctor"},
    {NAME("InvalidIntegration"), .holds = is_misspelt, .status = STATUS_USAGE,
        .advice = DID_YOU_MEAN},
    {NAME("InvalidIntegration"), .status = STATUS_USAGE,
        .advice = "See how each is connected with: airstore-oauth integrations"},
    {NAME("NoSuchSession"), .status = STATUS_NOT_FOUND,
        .advice = "See those that there are with: airstore-oauth sessions"},
    {NAME("NoSuchConnection"), .holds = is_misspelt, .status = STATUS_NOT_FOUND,
        .message = "{name} is not connected{where}.", .advice = DID_YOU_MEAN},
    {NAME("NoSuchConnection"), .status = STATUS_NOT_FOUND,
        .message = "{name} is not connected{where}.",
        .advice = "Connect it with: airstore-oauth connect {integration}{options}\n"
                  "Or see what Airstore has with: airstore-oauth list --refresh{refresh}"},
    {NAME("AuthorizationFailed"), AIRSTORE_OAUTHD_FAILURE_DENIED, .status = STATUS_DENIED,
        .message = NOT_CONNECTED, .advice = CONNECT_AGAIN},
    {NAME("AuthorizationFailed"), AIRSTORE_OAUTHD_FAILURE_EXPIRED, .status = STATUS_TIMED_OUT,
        .message = NOT_CONNECTED, .advice = CONNECT_AGAIN},
    {NAME("AuthorizationFailed"), AIRSTORE_OAUTHD_FAILURE_CANCELLED, .status = STATUS_FAILED,
        .message = "Cancelled: {name} was not connected.", .advice = CONNECT_AGAIN},
    {NAME("AuthorizationFailed"), AIRSTORE_OAUTHD_FAILURE_UNAUTHORIZED,
        .status = STATUS_NOT_CONFIGURED, .message = NOT_CONNECTED,
        .advice = "Store an API key that Airstore accepts with: airstore-oauth "
                  "login{profile}\n" CONNECT_AGAIN},
    {NAME("AuthorizationFailed"), .status = STATUS_FAILED, .message = NOT_CONNECTED,
        .advice = "See whether it was connected with: airstore-oauth list --refresh{refresh}"},
    {NAME("TimedOut"), .status = STATUS_TIMED_OUT,
        .message = "Nobody has approved {name} in this time. It can still be approved, and the "
                   "daemon goes on waiting.",
        .advice = "Wait again with: airstore-oauth connect {integration}{options}"},
    {NAME("LimitReached"), .status = STATUS_FAILED,
        .advice = "See what is under way with: airstore-oauth sessions (and end one with: "
                  "airstore-oauth cancel SESSION)"},
    {NAME("ApiError"), .http_status = 400, .holds = is_misspelt, .message = AIRSTORE_SAID,
        .status = STATUS_FAILED, .advice = DID_YOU_MEAN},
    {NAME("ApiError"), .http_status = 400, .holds = is_unknown, .message = AIRSTORE_SAID,
        .status = STATUS_FAILED,
        .advice = "See what can be connected with: airstore-oauth integrations"},
    {NAME("ApiError"), .http_status = 400, .holds = lacks_workspace, .message = AIRSTORE_SAID,
        .status = STATUS_FAILED,
        .advice = "The API key of an organisation needs a workspace. " NAME_THE_WORKSPACE},
    {NAME("ApiError"), .http_status = 401, .message = AIRSTORE_SAID,
        .status = STATUS_NOT_CONFIGURED,
        .advice = "Airstore does not accept the daemon's API key{source}. Store another one with: "
                  "airstore-oauth login{profile}"},
    {NAME("ApiError"), .http_status = 403, .message = AIRSTORE_SAID,
        .status = STATUS_NOT_CONFIGURED,
        .advice = "The daemon's API key{source} does not allow this. Store another one with: "
                  "airstore-oauth login{profile}"},
    {NAME("ApiError"), .http_status = 404, .message = AIRSTORE_SAID, .status = STATUS_NOT_FOUND,
        .advice =
            "Check the workspace; see what the daemon uses with: airstore-oauth status{profile}"},
    {NAME("ApiError"), .status = STATUS_FAILED, .message = AIRSTORE_SAID,
        .advice = "See whether something else is wrong with: airstore-oauth doctor{profile}"},
    {NAME("Unreachable"), .status = STATUS_UNREACHABLE,
        .advice = "Check the network, and the address with: airstore-oauth status{profile}"},
    {"org.varlink.service.InvalidParameter", .status = STATUS_USAGE,
        .advice = "See what is expected with: airstore-oauth --help"},
    {"org.varlink.service.PermissionDenied", .status = STATUS_FAILED,
        .advice = "This socket only answers questions. Use the daemon's own, by unsetting "
                  "AIRSTORE_OAUTHD_ADDRESS"},
    {"org.varlink.service.InterfaceNotFound", .status = STATUS_NO_DAEMON, .advice = START_IT},
    {.code = -ECONNREFUSED, .status = STATUS_NO_DAEMON, .advice = START_IT},
    {.code = -EDESTADDRREQ,
        .status = STATUS_NO_DAEMON,
        .advice = "Log in anew, or set it with: export XDG_RUNTIME_DIR=/run/user/$(id -u)"},
    {.code = -ECONNRESET,
        .holds = has_manager,
        .status = STATUS_NO_DAEMON,
        .advice = "See why with: journalctl --user -u airstore-oauthd"},
    {.code = -ECONNRESET, .status = STATUS_NO_DAEMON, .advice = START_IT},
    {.code = -EACCES,
        .status = STATUS_NO_DAEMON,
        .advice = "Run this as the user whose daemon it is"},
    {.code = -EINVAL, .status = STATUS_USAGE, .advice = "Check that what you typed is UTF-8"},
    {.code = -ENAMETOOLONG,
        .status = STATUS_NO_DAEMON,
        .advice = "Set AIRSTORE_OAUTHD_ADDRESS to a shorter one (unix:/path)"},
    {.code = -EBADMSG,
        .status = STATUS_FAILED,
        .advice = "See whether it is of this version (" VERSION ") with: airstore-oauth status"},
    {.status = STATUS_FAILED},
};

static bool fits(const struct outcome *outcome, const struct airstore_oauthd_error *error,
    const struct circumstances *circumstances)
{
    if (outcome->name && (!error->name || !streq(outcome->name, error->name)))
        return false;
    if (outcome->code && (error->name || outcome->code != error->code))
        return false;
    if (outcome->failure && outcome->failure != error->failure)
        return false;
    if (outcome->http_status && outcome->http_status != error->status)
        return false;
    return !outcome->holds || outcome->holds(circumstances);
}

/* ---- Places in texts ------------------------------------------------------------------------ */

static int append_integration(struct buffer *buffer, const struct circumstances *circumstances)
{
    const char *type = circumstances->integration.type;

    return buffer_append_string(buffer, type ? type : "INTEGRATION");
}

static int append_name(struct buffer *buffer, const struct circumstances *circumstances)
{
    const char *name = circumstances->integration.name;

    return buffer_append_string(buffer, name ? name : "INTEGRATION");
}

static int append_near(struct buffer *buffer, const struct circumstances *circumstances)
{
    return buffer_append_string(buffer, circumstances->integration.near);
}

static int append_message(struct buffer *buffer, const struct circumstances *circumstances)
{
    return buffer_append_string(buffer, circumstances->message);
}

static int append_options(struct buffer *buffer, const struct circumstances *circumstances)
{
    return buffer_append_string(buffer, circumstances->options);
}

static int append_profile(struct buffer *buffer, const struct circumstances *circumstances)
{
    return buffer_append_string(buffer, circumstances->profile_option);
}

static int append_refresh(struct buffer *buffer, const struct circumstances *circumstances)
{
    int r = append_options(buffer, circumstances);

    return r >= 0 && lacks_workspace(circumstances) ? buffer_append_string(buffer, " -w WORKSPACE")
                                                    : r;
}

static int append_where(struct buffer *buffer, const struct circumstances *circumstances)
{
    const struct arguments *arguments = circumstances->arguments;
    const char *workspace_id = arguments ? workspace_of(arguments) : NULL;

    if (!workspace_id)
        return 0;
    return buffer_printf(buffer, " in %s%s", workspace_id,
        workspace_is_of_environment(arguments) ? " (from AIRSTORE_WORKSPACE_ID)" : "");
}

static int append_source(struct buffer *buffer, const struct circumstances *circumstances)
{
    const struct airstore_oauthd_setting *key =
        circumstances->configuration ? setting(circumstances, "api-key") : NULL;

    return key ? buffer_printf(buffer, " (from %s)", key->source) : 0;
}

static int append_start(struct buffer *buffer, const struct circumstances *circumstances)
{
    return buffer_append_string(
        buffer, manager_runs() ? "systemctl --user start airstore-oauthd.socket (or run " DAEMON
                                 " yourself)"
                               : DAEMON " &");
}

static const struct place {
    const char *name;
    int (*append)(struct buffer *buffer, const struct circumstances *circumstances);
} places[] = {
    {"integration", append_integration},
    {"name", append_name},
    {"near", append_near},
    {"message", append_message},
    {"options", append_options},
    {"profile", append_profile},
    {"refresh", append_refresh},
    {"where", append_where},
    {"source", append_source},
    {"start", append_start},
};

static int append_place(struct buffer *buffer, const char *name, const void *circumstances)
{
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        if (streq(places[i].name, name))
            return places[i].append(buffer, circumstances);
    }
    return 0;
}

static void say_message(const struct airstore_oauthd_error *error, const char *text,
    const struct circumstances *circumstances)
{
    _cleanup_buffer_ struct buffer buffer = {0};

    if (buffer_expand(&buffer, text, append_place, circumstances) < 0)
        return;
    /* Integration types are not capitalised. */
    if (strncmp(text, "{message}", strlen("{message}")) == 0)
        buffer.data[0] = (char)toupper((unsigned char)buffer.data[0]);
    complain_of(error, "%s", buffer.data);
}

static void say_advice(const char *text, const struct circumstances *circumstances)
{
    _cleanup_buffer_ struct buffer buffer = {0};
    char *rest, *line;

    if (buffer_expand(&buffer, text, append_place, circumstances) < 0)
        return;
    for (line = strtok_r(buffer.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        advise("%s", line);
}

/* ---- Reporting ------------------------------------------------------------------------------ */

/* Of a daemon that has answered, what else there is to know is asked for. */
static void look_around(struct circumstances *circumstances)
{
    const struct arguments *arguments = circumstances->arguments;
    struct arguments only_profile = {.profile = arguments->profile};

    options_again(arguments, circumstances->options);
    options_again(&only_profile, circumstances->profile_option);
    if (!arguments->oauthd)
        return;
    (void)airstore_oauthd_get_configuration(arguments->oauthd, &circumstances->configuration, NULL);
    if (arguments->operand)
        (void)integration_find(arguments->oauthd, arguments->operand, &circumstances->integration);
}

enum status report_error(
    const struct airstore_oauthd_error *error, const struct arguments *arguments_or_null)
{
    struct circumstances circumstances = {
        .arguments = arguments_or_null, .message = error->message};
    const struct outcome *outcome = outcomes;

    if (error->name && arguments_or_null)
        look_around(&circumstances);
    while (!fits(outcome, error, &circumstances))
        outcome++;
    say_message(error, outcome->message ? outcome->message : "{message}", &circumstances);
    if (outcome->advice)
        say_advice(outcome->advice, &circumstances);
    integration_clear(&circumstances.integration);
    airstore_oauthd_reply_free(circumstances.configuration);
    return outcome->status;
}

enum status report_code(int code)
{
    return report_error(
        &(struct airstore_oauthd_error){.code = code, .message = airstore_oauthd_strerror(code)},
        NULL);
}
