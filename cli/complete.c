/* SPDX-License-Identifier: MIT */
#include "cli/complete.h"

#include "cli/options.h"
#include "cli/term.h"
#include "cli/text.h"
#include "cli/workspace.h"
#include "lib/base/buffer.h"
#include "lib/base/timestamp.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

/* Whoever presses Tab would rather have nothing than wait. */
#define PATIENCE_USEC 500000

struct completing {
    const struct verb *verb;
    const struct option_entry *option; /* whose value is being typed, or NULL */
    struct arguments arguments;        /* those that narrow the answer */
    bool operands_only;                /* behind "--" */
    int operands;
    const char *prefix; /* "--name=" in front of the value, or nothing */
    int prefix_length;
    struct airstore_oauthd *oauthd;
    struct buffer told;
};

/* ---- What is told --------------------------------------------------------------------------- */

/* Whatever a shell would have to quote is left to be typed: nobody's text becomes a command. */
static bool is_plain(const char *value)
{
    return value[0] != '\0' && value[strspn(value, "abcdefghijklmnopqrstuvwxyz"
                                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                   "0123456789-_.+@/:")] == '\0';
}

static bool is_new(struct completing *completing, const char *value)
{
    _cleanup_free_ char *line = NULL;

    if (asprintf(&line, "\n%s\n", value) < 0) {
        line = NULL;
        return false;
    }
    if (completing->told.size > 0 && strstr(completing->told.data, line))
        return false;
    return buffer_append_string(&completing->told, line) >= 0;
}

static void tell(struct completing *completing, const char *value, const char *description)
{
    if (!value || !is_plain(value) || !is_new(completing, value))
        return;
    printf("%.*s%s\t", completing->prefix_length, completing->prefix, value);
    print_line("%s", description);
}

static void tell_options(struct completing *completing, const struct option_entry *entries)
{
    char name[40];

    for (const struct option_entry *entry = entries; entry->name; entry++) {
        snprintf(name, sizeof(name), "--%s", entry->name);
        tell(completing, name, entry->help);
    }
}

static void tell_verb_options(struct completing *completing)
{
    tell_options(completing, completing->verb->options);
    tell_options(completing, options_common);
}

static void tell_integrations(struct completing *completing, bool in_browser)
{
    struct airstore_oauthd_reply *reply = NULL;
    enum airstore_oauthd_authentication other =
        in_browser ? AIRSTORE_OAUTHD_API_KEY : AIRSTORE_OAUTHD_OAUTH;

    if (airstore_oauthd_list_integrations(completing->oauthd, &reply, NULL) < 0)
        return;
    for (size_t i = 0; reply->integrations[i]; i++) {
        const struct airstore_oauthd_integration *integration = reply->integrations[i];
        if (integration->authentication != other)
            tell(completing, integration->integration_type, integration->name);
    }
    airstore_oauthd_reply_free(reply);
}

static void tell_connections(struct completing *completing, bool with_ids)
{
    struct airstore_oauthd_reply *reply = NULL;
    char text[TEXT_SIZE], description[256];
    int64_t now = timestamp_now(CLOCK_REALTIME);

    if (airstore_oauthd_list_connections(
            completing->oauthd, completing->arguments.workspace_id, NULL, false, &reply, NULL) < 0)
        return;
    for (size_t i = 0; reply->connections[i]; i++) {
        const struct airstore_oauthd_connection *connection = reply->connections[i];
        snprintf(description, sizeof(description), "connected; updated %s",
            time_relative(connection->updated_at_usec, now, text));
        tell(completing, connection->integration_type, description);
    }
    for (size_t i = 0; with_ids && reply->connections[i]; i++) {
        const struct airstore_oauthd_connection *connection = reply->connections[i];
        snprintf(description, sizeof(description), "%s%s%s", connection->integration_type,
            connection->workspace_id ? " of " : "",
            connection->workspace_id ? connection->workspace_id : "");
        tell(completing, connection->connection_id, description);
    }
    airstore_oauthd_reply_free(reply);
}

static void tell_sessions(struct completing *completing)
{
    struct airstore_oauthd_reply *reply = NULL;
    char text[TEXT_SIZE], description[256];
    int64_t now = timestamp_now(CLOCK_REALTIME);

    (void)airstore_oauthd_set_profile(completing->oauthd, NULL); /* as cancel does */
    if (airstore_oauthd_list_sessions(completing->oauthd, &reply, NULL) < 0)
        return;
    for (size_t i = 0; reply->sessions[i]; i++) {
        const struct airstore_oauthd_session *session = reply->sessions[i];
        if (session->status != AIRSTORE_OAUTHD_PENDING)
            continue;
        snprintf(description, sizeof(description), "%s, begun %s", session->integration_type,
            time_relative(session->created_at_usec, now, text));
        tell(completing, session->integration_type, "under way");
        tell(completing, session->session_id, description);
    }
    airstore_oauthd_reply_free(reply);
}

/* Those of the configuration, and those that something is connected to. */
static void tell_workspaces(struct completing *completing)
{
    struct airstore_oauthd_reply *reply = NULL;

    if (airstore_oauthd_get_configuration(completing->oauthd, &reply, NULL) < 0)
        return;
    for (size_t i = 0; reply->settings[i]; i++) {
        if (streq(reply->settings[i]->key, "workspace"))
            tell(completing, reply->settings[i]->value, reply->settings[i]->section);
    }
    airstore_oauthd_reply_free(reply);
    if (airstore_oauthd_list_connections(completing->oauthd, NULL, NULL, false, &reply, NULL) < 0)
        return;
    for (size_t i = 0; reply->connections[i]; i++)
        tell(completing, reply->connections[i]->workspace_id, "has connections");
    airstore_oauthd_reply_free(reply);
}

static void tell_profiles(struct completing *completing)
{
    struct airstore_oauthd_reply *reply = NULL;

    /* Whichever was typed before, or is set. */
    if (airstore_oauthd_set_profile(completing->oauthd, NULL) < 0 ||
        airstore_oauthd_get_status(completing->oauthd, &reply, NULL) < 0)
        return;
    for (size_t i = 0; reply->status->profiles[i]; i++)
        tell(completing, reply->status->profiles[i], "profile");
    airstore_oauthd_reply_free(reply);
}

static void tell_known(struct completing *completing, enum values values)
{
    switch (values) {
    case VALUES_BROWSER:
    case VALUES_CREDENTIAL:
        return tell_integrations(completing, values == VALUES_BROWSER);
    case VALUES_CONNECTED:
    case VALUES_CONNECTION:
        return tell_connections(completing, values == VALUES_CONNECTION);
    case VALUES_SESSION:
        return tell_sessions(completing);
    case VALUES_WORKSPACE:
        return tell_workspaces(completing);
    case VALUES_PROFILE:
        return tell_profiles(completing);
    case VALUES_UNKNOWN:
    case VALUES_FILE:
        return;
    }
}

static void leave(int signal)
{
    _exit(STATUS_DONE);
}

static void tell_values(struct completing *completing, enum values values)
{
    const struct itimerval patience = {.it_value.tv_usec = PATIENCE_USEC};

    if (values == VALUES_FILE)
        puts("files");
    if (values == VALUES_UNKNOWN || values == VALUES_FILE ||
        airstore_oauthd_open(NULL, &completing->oauthd) < 0)
        return;
    signal(SIGALRM, leave);
    setitimer(ITIMER_REAL, &patience, NULL);
    if (airstore_oauthd_set_profile(completing->oauthd, profile_of(&completing->arguments)) >= 0)
        tell_known(completing, values);
    airstore_oauthd_close(completing->oauthd);
}

/* ---- What was typed ------------------------------------------------------------------------- */

/* "--name", "--name=value", "-n" or "-nvalue"; NULL when the verb has no such option that takes a
 * value. */
static const struct option_entry *find_option(const struct verb *verb, const char *word)
{
    for (const struct option_entry *entry = verb->options; entry->name; entry++) {
        size_t length = strlen(entry->name);
        if (!entry->argument)
            continue;
        if (word[1] == '-' && strncmp(word + 2, entry->name, length) == 0 &&
            (word[2 + length] == '\0' || word[2 + length] == '='))
            return entry;
        if (word[1] != '-' && entry->letter && word[1] == entry->letter)
            return entry;
    }
    return NULL;
}

/* Of the options, only those that say whose connections are meant. */
static void note(
    struct completing *completing, const struct option_entry *option, const char *value)
{
    if (option->values == VALUES_WORKSPACE || option->values == VALUES_PROFILE)
        *(const char **)((char *)&completing->arguments + option->offset) = value;
}

/* A word in front of the one that is being typed. */
static void pass(struct completing *completing, const char *word)
{
    const struct option_entry *option = completing->option;

    if (streq(word, "=")) /* bash makes three words of --name=value */
        return;
    completing->option = NULL;
    if (option) {
        note(completing, option, word);
    } else if (streq(word, "--")) {
        completing->operands_only = true;
    } else if (word[0] != '-' || completing->operands_only) {
        completing->operands++;
    } else {
        option = find_option(completing->verb, word);
        const char *value = word[1] == '-' ? strchr(word, '=') : word + 1;
        if (!option)
            return;
        if (value && value[1])
            note(completing, option, value + 1);
        else
            completing->option = option;
    }
}

static void complete_word(struct completing *completing, const char *word)
{
    const char *equals = strchr(word, '=');
    bool is_option = word[0] == '-' && !completing->operands_only;

    if (!completing->option && is_option && word[1] == '-' && equals) {
        completing->option = find_option(completing->verb, word);
        completing->prefix = word;
        completing->prefix_length = (int)(equals + 1 - word);
        if (!completing->option)
            return;
    }
    if (completing->option)
        tell_values(completing, completing->option->values);
    else if (!is_option && completing->operands == 0 && completing->verb->operand)
        tell_values(completing, completing->verb->operand_values);
    else if (!completing->operands_only)
        tell_verb_options(completing);
}

static void complete_verb(struct completing *completing, const char *word)
{
    if (word[0] == '-') {
        tell(completing, "--help", "what can be done");
        tell(completing, "--version", "the version");
        return;
    }
    for (const struct verb_row *row = verbs; row->verb; row++)
        tell(completing, row->verb->name, row->verb->summary);
}

void complete(int n_words, char *words[])
{
    struct completing completing = {.verb = verb_find(words[0]), .prefix = ""};

    if (n_words == 1) {
        complete_verb(&completing, words[0]);
    } else if (completing.verb) {
        for (int i = 1; i < n_words - 1; i++)
            pass(&completing, words[i]);
        complete_word(&completing, words[n_words - 1]);
    }
    buffer_clear(&completing.told);
}
