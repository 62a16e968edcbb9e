/* SPDX-License-Identifier: MIT */
#include "cli/choose.h"

#include "cli/integration.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/screen.h"
#include "cli/term.h"
#include "cli/text.h"
#include "cli/workspace.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <stdio.h>

typedef struct airstore_oauthd_integration *const *integrations;

/* The newest connection to it that this could renew, or NULL. */
static const struct airstore_oauthd_connection *find_connection(
    const struct airstore_oauthd_reply *known_or_null, const char *type,
    const struct arguments *arguments)
{
    const struct airstore_oauthd_connection *found = NULL;

    for (size_t i = 0; known_or_null && known_or_null->connections[i]; i++) {
        const struct airstore_oauthd_connection *one = known_or_null->connections[i];
        if (streq(one->integration_type, type) &&
            streq_or_null(one->profile, profile_of(arguments)) &&
            (!found || one->updated_at_usec > found->updated_at_usec))
            found = one;
    }
    return found;
}

static void show(const struct airstore_oauthd_integration *integration, int number,
    const struct airstore_oauthd_connection *connection)
{
    char since[TEXT_SIZE] = "", left[64];

    if (connection && connection->updated_at_usec >= 0)
        time_relative(connection->updated_at_usec, timestamp_now(CLOCK_REALTIME), since);
    snprintf(left, sizeof(left), "%3d  %-14s ", number, integration->name);
    if (integration->authentication == AIRSTORE_OAUTHD_API_KEY)
        say_item(left, "with an API key");
    else if (connection)
        say_item(left, "connected %s", since);
    else
        say_always("%3d  %s", number, integration->name);
}

/* By its number, its type or its name; NULL when nothing is meant by that. */
static const struct airstore_oauthd_integration *find_answer(integrations all, const char *answer)
{
    char *end;
    unsigned long number = strtoul(answer, &end, 10);

    for (size_t i = 0; all[i]; i++) {
        if ((*end == '\0' && number == i + 1) || integration_is(all[i], answer))
            return all[i];
    }
    return NULL;
}

/* A line without what surrounds it; NULL at the end. The caller frees it. */
static char *read_answer(void)
{
    char *line = NULL;
    size_t size = 0;

    fprintf(stderr, "Number or name, or nothing to leave: ");
    fflush(stderr);
    if (getline(&line, &size, stdin) < 0) {
        putc('\n', stderr);
        free(line);
        return NULL;
    }
    char *from = line + strspn(line, " \t");
    memmove(line, from, strlen(from) + 1);
    size_t length = strlen(line);
    while (length > 0 && strchr(" \t\r\n", line[length - 1]))
        line[--length] = '\0';
    return line;
}

static enum status ask(integrations all, struct choice *ret)
{
    for (;;) {
        _cleanup_free_ char *answer = read_answer();

        if (!answer || *answer == '\0') {
            complain("Nothing was chosen.");
            advise("Name it at once with: airstore-oauth connect INTEGRATION");
            return STATUS_FAILED;
        }
        const struct airstore_oauthd_integration *chosen = find_answer(all, answer);
        if (chosen) {
            int r = string_replace(&ret->type, chosen->integration_type);
            ret->takes_key = chosen->authentication == AIRSTORE_OAUTHD_API_KEY;
            return r < 0 ? report_code(r) : STATUS_DONE;
        }
        say_always("\"%s\" is none of them.", answer);
    }
}

enum status choose_integration(
    struct airstore_oauthd *oauthd, const struct arguments *arguments, struct choice *ret)
{
    struct airstore_oauthd_reply *reply = NULL, *known = NULL;
    struct airstore_oauthd_error *error = NULL;
    enum status status;

    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        complain("connect needs INTEGRATION.");
        advise("See which there are with: airstore-oauth integrations");
        return STATUS_USAGE;
    }
    if (airstore_oauthd_list_integrations(oauthd, &reply, &error) < 0) {
        status = report_error(error, arguments);
        airstore_oauthd_error_free(error);
        return status;
    }
    (void)airstore_oauthd_list_connections(
        oauthd, workspace_of(arguments), NULL, false, &known, NULL);
    say_always("What do you want to connect?");
    for (size_t i = 0; reply->integrations[i]; i++) {
        const struct airstore_oauthd_integration *one = reply->integrations[i];
        show(one, (int)i + 1, find_connection(known, one->integration_type, arguments));
    }
    status = ask(reply->integrations, ret);
    airstore_oauthd_reply_free(known);
    airstore_oauthd_reply_free(reply);
    return status;
}
