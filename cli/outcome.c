/* SPDX-License-Identifier: MIT */
#include "cli/outcome.h"

#include "cli/problem.h"
#include "lib/base/buffer.h"

#include <ctype.h>
#include <errno.h>

#define START_IT                                                                                   \
    "Start it with: systemctl --user start airstore-oauthd.socket (or run airstore-oauthd "        \
    "yourself)"
#define NOT_CONNECTED "{integration} was not connected: {message}"
#define CONNECT_AGAIN "Try again with: airstore-oauth connect {integration}{profile}"

#define AIRSTORE_SAID "Airstore answered: {message}"

#define NAME(error) "ai.airstore.OAuth." error

/* In texts, {integration} is the one that was asked for, {profile} the option that names the
 * profile again, where one was named, and {message} the error's own.
 *
 * The first row that fits counts. What a row leaves out fits everything, but a row without a name
 * and with a code is for errors on the way to the daemon. */
static const struct outcome {
    const char *name;
    enum airstore_oauthd_failure failure;
    int http_status;
    int code;
    enum status status;
    const char *message; /* in place of the error's own, or NULL */
    const char *advice;
} outcomes[] = {
    {NAME("NotConfigured"), .status = STATUS_NOT_CONFIGURED,
        .advice = "See what the daemon has with: airstore-oauth status (-w names a workspace)"},
    {NAME("InvalidConfiguration"), .status = STATUS_FAILED,
        .message = "The configuration of airstore-oauthd has a mistake: {message}",
        .advice = "Correct it there, then: airstore-oauth config --reload\n"
                  "See whether something else is wrong with: airstore-oauth doctor"},
    {NAME("InvalidIntegration"), .status = STATUS_FAILED,
        .advice = "See how each is connected with: airstore-oauth integrations"},
    {NAME("NoSuchSession"), .status = STATUS_NOT_FOUND,
        .advice = "See those that there are with: airstore-oauth sessions"},
    {NAME("NoSuchConnection"), .status = STATUS_NOT_FOUND,
        .message = "{integration} is not connected.",
        .advice = "Connect it with: airstore-oauth connect {integration}{profile}\n"
                  "Or see what Airstore has with: airstore-oauth list --refresh{profile}"},
    {NAME("AuthorizationFailed"), AIRSTORE_OAUTHD_FAILURE_DENIED, .status = STATUS_DENIED,
        .message = NOT_CONNECTED, .advice = CONNECT_AGAIN},
    {NAME("AuthorizationFailed"), AIRSTORE_OAUTHD_FAILURE_EXPIRED, .status = STATUS_TIMED_OUT,
        .message = NOT_CONNECTED, .advice = CONNECT_AGAIN},
    {NAME("AuthorizationFailed"), AIRSTORE_OAUTHD_FAILURE_CANCELLED, .status = STATUS_FAILED,
        .message = "Cancelled: {integration} was not connected.", .advice = CONNECT_AGAIN},
    {NAME("AuthorizationFailed"), AIRSTORE_OAUTHD_FAILURE_UNAUTHORIZED,
        .status = STATUS_NOT_CONFIGURED, .message = NOT_CONNECTED,
        .advice = "Store an API key that Airstore accepts with: airstore-oauth "
                  "login{profile}\n" CONNECT_AGAIN},
    {NAME("AuthorizationFailed"), .status = STATUS_FAILED, .message = NOT_CONNECTED,
        .advice = "See whether it was connected with: airstore-oauth list --refresh{profile}"},
    {NAME("TimedOut"), .status = STATUS_TIMED_OUT,
        .message = "Nobody has approved {integration} in this time. It can still be approved, and "
                   "the daemon goes on waiting.",
        .advice = "Wait again with: airstore-oauth connect {integration}{profile}"},
    {NAME("LimitReached"), .status = STATUS_FAILED,
        .advice = "See what is under way with: airstore-oauth sessions (and end one with: "
                  "airstore-oauth cancel SESSION)"},
    {NAME("ApiError"), .http_status = 400, .message = AIRSTORE_SAID, .status = STATUS_FAILED,
        .advice = "With the API key of an organisation, name the workspace (-w WORKSPACE), or set "
                  "one for good: see airstore-oauthd.conf(5)"},
    {NAME("ApiError"), .http_status = 401, .message = AIRSTORE_SAID,
        .status = STATUS_NOT_CONFIGURED,
        .advice = "Airstore does not accept the daemon's API key (AIRSTORE_API_KEY). See where it "
                  "came from with: airstore-oauth status (and store another one with: "
                  "airstore-oauth login)"},
    {NAME("ApiError"), .http_status = 403, .message = AIRSTORE_SAID,
        .status = STATUS_NOT_CONFIGURED,
        .advice = "The API key does not allow this. See where it came from with: "
                  "airstore-oauth status"},
    {NAME("ApiError"), .http_status = 404, .message = AIRSTORE_SAID, .status = STATUS_NOT_FOUND,
        .advice = "Check the workspace; see what the daemon uses with: airstore-oauth status"},
    {NAME("ApiError"), .status = STATUS_FAILED, .message = AIRSTORE_SAID,
        .advice = "See whether something else is wrong with: airstore-oauth status"},
    {NAME("Unreachable"), .status = STATUS_UNREACHABLE,
        .advice = "Check the network, and the address with: airstore-oauth status"},
    {"org.varlink.service.InvalidParameter", .status = STATUS_USAGE,
        .advice = "See what is expected with: airstore-oauth --help"},
    {"org.varlink.service.PermissionDenied", .status = STATUS_FAILED,
        .advice = "This socket only answers questions. Use the daemon's own, by unsetting "
                  "AIRSTORE_OAUTHD_ADDRESS"},
    {"org.varlink.service.InterfaceNotFound", .status = STATUS_NO_DAEMON, .advice = START_IT},
    {.code = -ECONNREFUSED, .status = STATUS_NO_DAEMON, .advice = START_IT},
    {.code = -EDESTADDRREQ, .status = STATUS_NO_DAEMON, .advice = START_IT},
    {.code = -ECONNRESET,
        .status = STATUS_NO_DAEMON,
        .advice = "See why with: journalctl --user -u airstore-oauthd"},
    {.code = -EACCES,
        .status = STATUS_NO_DAEMON,
        .advice = "Run this as the user whose daemon it is"},
    {.code = -EINVAL,
        .status = STATUS_USAGE,
        .advice = "Check AIRSTORE_OAUTHD_ADDRESS (unix:/path), and that what you typed is UTF-8"},
    {.code = -ENAMETOOLONG,
        .status = STATUS_NO_DAEMON,
        .advice = "Set AIRSTORE_OAUTHD_ADDRESS to a shorter one (unix:/path)"},
    {.code = -EBADMSG,
        .status = STATUS_FAILED,
        .advice = "See whether it is of this version (" VERSION ") with: airstore-oauth status"},
    {.status = STATUS_FAILED},
};

static bool fits(const struct outcome *outcome, const struct airstore_oauthd_error *error)
{
    if (outcome->name && (!error->name || !streq(outcome->name, error->name)))
        return false;
    if (outcome->code && (error->name || outcome->code != error->code))
        return false;
    if (outcome->failure && outcome->failure != error->failure)
        return false;
    return !outcome->http_status || outcome->http_status == error->status;
}

struct places {
    const char *integration, *message;
    const char *option, *profile; /* " -p " and a name, or nothing twice */
};

static int append_place(
    struct buffer *buffer, const struct places *places, const char *name, size_t length)
{
    if (strncmp(name, "profile", length) == 0)
        return buffer_printf(buffer, "%s%s", places->option, places->profile);
    return buffer_append_string(
        buffer, strncmp(name, "message", length) == 0 ? places->message : places->integration);
}

/* A text with the values in their places. */
static int expand(struct buffer *buffer, const char *text, const struct places *places)
{
    for (;;) {
        size_t length = strcspn(text, "{");
        int r = buffer_append(buffer, text, length);
        text += length;
        if (r < 0 || *text == '\0')
            return r;
        length = strcspn(++text, "}");
        r = append_place(buffer, places, text, length);
        if (r < 0)
            return r;
        text += length + 1;
    }
}

/* Messages come as sentences and as parts of such; here they become sentences. */
static void say_message(const char *text, const struct places *places)
{
    _cleanup_buffer_ struct buffer buffer = {0};

    if (expand(&buffer, text, places) < 0 || buffer.size == 0)
        return;
    /* Integration types are not capitalised. */
    if (strncmp(text, "{message}", strlen("{message}")) == 0)
        buffer.data[0] = (char)toupper((unsigned char)buffer.data[0]);
    complain("%s%s", buffer.data, strchr(".!?", buffer.data[buffer.size - 1]) ? "" : ".");
}

static void say_advice(const char *text, const struct places *places)
{
    _cleanup_buffer_ struct buffer buffer = {0};
    char *rest, *line;

    if (expand(&buffer, text, places) < 0)
        return;
    for (line = strtok_r(buffer.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        advise("%s", line);
}

enum status report_error(
    const struct airstore_oauthd_error *error, const struct arguments *arguments_or_null)
{
    const char *integration = arguments_or_null ? arguments_or_null->operand : NULL;
    const char *profile = arguments_or_null ? arguments_or_null->profile : NULL;
    bool named = profile && *profile;
    const struct places places = {
        .integration = integration ? integration : "INTEGRATION",
        .message = error->message,
        .option = named ? " -p " : "",
        .profile = named ? profile : "",
    };
    const struct outcome *outcome = outcomes;

    while (!fits(outcome, error))
        outcome++;
    problem_detail(error);
    say_message(outcome->message ? outcome->message : "{message}", &places);
    if (error->request_id)
        advise("Airstore's support can find this by its request ID: %s", error->request_id);
    if (outcome->advice)
        say_advice(outcome->advice, &places);
    return outcome->status;
}

enum status report_code(int code)
{
    return report_error(
        &(struct airstore_oauthd_error){.code = code, .message = airstore_oauthd_strerror(code)},
        NULL);
}
