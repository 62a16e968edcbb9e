/* SPDX-License-Identifier: MIT */

/* sessions: authorizations under way and over. */

#include "cli/answer.h"
#include "cli/table.h"
#include "cli/term.h"
#include "cli/text.h"
#include "cli/workspace.h"
#include "lib/base/timestamp.h"
#include "lib/oauthd/words.h"

static const char *status_word(const struct airstore_oauthd_session *session)
{
    const char *failure = word_of(&failure_words, session->failure);

    return failure ? failure : word_of(&session_status_words, session->status);
}

/* What there is to know beyond the status. */
static const char *outcome_of(
    const struct airstore_oauthd_session *session, int64_t now, char text[static TEXT_SIZE + 16])
{
    char expires[TEXT_SIZE];

    switch (session->status) {
    case AIRSTORE_OAUTHD_PENDING:
        if (session->trouble)
            return session->trouble;
        snprintf(text, TEXT_SIZE + 16, "expires %s",
            time_relative(session->expires_at_usec, now, expires));
        return text;
    case AIRSTORE_OAUTHD_COMPLETE:
        return session->connection_id;
    default:
        return session->error;
    }
}

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    struct table table;
    int64_t now = timestamp_now(CLOCK_REALTIME);
    size_t skipped = 1; /* the column of the profiles, unless there are any */
    char options[OPTIONS_SIZE];

    for (size_t i = 0; reply->sessions[i]; i++)
        skipped = reply->sessions[i]->profile ? 0 : skipped;
    if (!reply->sessions[0]) {
        say("No session is known. Begin one with: airstore-oauth connect INTEGRATION%s",
            options_again(arguments, options));
        return 0;
    }
    const char *const headings[] = {
        "PROFILE", "SESSION", "INTEGRATION", "WORKSPACE", "STATUS", "BEGAN", "OUTCOME", NULL};
    table_init(&table, headings + skipped, "OUTCOME");
    for (size_t i = 0; reply->sessions[i]; i++) {
        const struct airstore_oauthd_session *session = reply->sessions[i];
        char began[TEXT_SIZE], outcome[TEXT_SIZE + 16];
        const char *const cells[] = {session->profile, session->session_id,
            session->integration_type, session->workspace_id, status_word(session),
            time_relative(session->created_at_usec, now, began), outcome_of(session, now, outcome)};
        table_add(&table, cells + skipped);
    }
    int r = table_print(&table);
    table_clear(&table);
    return r;
}

static enum status sessions(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = airstore_oauthd_list_sessions(oauthd, &reply, &error);
    return answer(r, reply, error, arguments, show);
}

const struct verb verb_sessions = {
    .name = "sessions",
    .summary = "list the authorizations, under way and ended",
    .description = "Lists the authorizations that are under way, and how the last ones ended; the\n"
                   "newest first. Those of all profiles, unless one is named.",
    .options = (const struct option_entry[]){OPTION_PROFILE, {0}},
    .run = sessions,
};
