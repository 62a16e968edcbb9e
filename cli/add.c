/* SPDX-License-Identifier: MIT */

/* add: connect with credentials that the person already holds. */

#include "cli/answer.h"
#include "cli/integration.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/secret.h"
#include "cli/term.h"
#include "cli/workspace.h"
#include "lib/base/memory.h"

#include <errno.h>

/* The credentials, read from where the options say. */
struct secrets {
    char *access_token, *refresh_token, *api_key;
};

static void secrets_clear(struct secrets *secrets)
{
    secret_free(secrets->access_token);
    secret_free(secrets->refresh_token);
    secret_free(secrets->api_key);
}

/* What the integration takes is asked for at a terminal when no file is named. */
static int choose_source(struct arguments *arguments)
{
    _cleanup_(integration_clear) struct integration integration = {0};

    if (arguments->access_token_file || arguments->api_key_file || !isatty(STDIN_FILENO) ||
        !isatty(STDERR_FILENO))
        return 0;
    int r = integration_find(arguments->oauthd, arguments->operand, &integration);
    if (r >= 0 && integration.known && integration.authentication == AIRSTORE_OAUTHD_API_KEY)
        arguments->api_key_file = "-";
    else if (r >= 0 && integration.known &&
             integration.authentication == AIRSTORE_OAUTHD_OAUTH_OR_TOKEN &&
             !arguments->refresh_token_file)
        arguments->access_token_file = "-";
    return r;
}

static enum status check(const struct arguments *arguments)
{
    bool token = arguments->access_token_file, key = arguments->api_key_file;
    unsigned from_stdin = 0;
    const char *const files[] = {
        arguments->access_token_file, arguments->refresh_token_file, arguments->api_key_file};

    for (size_t i = 0; i < ARRAY_SIZE(files); i++)
        from_stdin += files[i] && streq(files[i], "-");
    if (token == key)
        complain("Give either --access-token-file or --api-key-file (FILE, or - for the standard "
                 "input).");
    else if (arguments->refresh_token_file && !token)
        complain("A refresh token goes with an access token: --access-token-file is missing.");
    else if (from_stdin > 1)
        complain("Only one of the files can be the standard input.");
    else
        return STATUS_DONE;
    advise("See: airstore-oauth add --help");
    return STATUS_USAGE;
}

static int read_secrets(const struct arguments *arguments, struct secrets *secrets)
{
    const struct {
        const char *file, *what, *option;
        char **secret;
    } sources[] = {
        {arguments->access_token_file, "access token", "access-token-file", &secrets->access_token},
        {arguments->refresh_token_file, "refresh token", "refresh-token-file",
            &secrets->refresh_token},
        {arguments->api_key_file, "API key", "api-key-file", &secrets->api_key},
    };

    for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
        int r =
            sources[i].file ? secret_read(sources[i].file, sources[i].what, sources[i].secret) : 0;
        if (r == -E2BIG)
            advise("Put it into a file, and name that with --%s FILE", sources[i].option);
        if (r < 0)
            return r;
    }
    return 0;
}

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    _cleanup_(integration_clear) struct integration integration = {0};

    int r = integration_find(arguments->oauthd, arguments->operand, &integration);
    if (r < 0)
        return r;
    say("%s is connected.", integration.name);
    print_line("%s", reply->connection->connection_id);
    return 0;
}

static enum status create(struct airstore_oauthd *oauthd, const struct arguments *arguments,
    const struct secrets *secrets)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;
    const struct airstore_oauthd_credentials credentials = {
        .access_token = secrets->access_token,
        .refresh_token = secrets->refresh_token,
        .api_key = secrets->api_key,
        .scope = arguments->scope,
        .extra = arguments->n_extra > 0 ? arguments->extra : NULL,
    };

    int r = airstore_oauthd_create_connection(
        oauthd, arguments->operand, workspace_of(arguments), &credentials, &reply, &error);
    return answer(r, reply, error, arguments, show);
}

static enum status add(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    _cleanup_(secrets_clear) struct secrets secrets = {0};
    struct arguments completed = *arguments;

    int r = choose_source(&completed);
    if (r < 0)
        return report_code(r);
    enum status status = check(&completed);
    if (status != STATUS_DONE)
        return status;
    if (read_secrets(&completed, &secrets) < 0)
        return STATUS_FAILED;
    return create(oauthd, &completed, &secrets);
}

#define OPTION_FILE(name, help, member)                                                            \
    {                                                                                              \
        name, 0, "FILE", help, OPTION_STRING, offsetof(struct arguments, member), VALUES_FILE      \
    }

const struct verb verb_add = {
    .name = "add",
    .operand = "INTEGRATION",
    .operand_values = VALUES_CREDENTIAL,
    .summary = "connect with a token or API key that you have",
    .description =
        "Connects with an access token or an API key that you have, and prints the ID of the\n"
        "connection. Each is read from a FILE; - is the standard input. Without one, what the\n"
        "integration takes is asked for at a terminal, unseen.",
    .options =
        (const struct option_entry[]){
            OPTION_FILE("access-token-file", "the access token", access_token_file),
            OPTION_FILE(
                "refresh-token-file", "the refresh token, where there is one", refresh_token_file),
            OPTION_FILE("api-key-file", "the API key", api_key_file),
            {"scope", 0, "SCOPE", "what the token allows", OPTION_STRING,
                offsetof(struct arguments, scope)},
            {"extra", 0, "NAME=VALUE", "what else the integration needs; can be given repeatedly",
                OPTION_EXTRA, offsetof(struct arguments, extra)},
            OPTION_PROFILE,
            OPTION_WORKSPACE,
            {0},
        },
    .run = add,
};
