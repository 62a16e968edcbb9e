/* SPDX-License-Identifier: MIT */

/* cancel: end an authorization that is under way, named by its ID or by its integration. */

#include "cli/answer.h"
#include "cli/outcome.h"
#include "cli/term.h"

static bool is_meant(const struct airstore_oauthd_session *session, const char *operand)
{
    return streq(session->session_id, operand) || (session->status == AIRSTORE_OAUTHD_PENDING &&
                                                      streq(session->integration_type, operand));
}

/* The ID of the session that is meant; what was typed when none fits, so that the daemon says so.
 */
static const char *find_session(const struct airstore_oauthd_reply *list, const char *operand)
{
    for (size_t i = 0; list->sessions[i]; i++) {
        if (is_meant(list->sessions[i], operand))
            return list->sessions[i]->session_id;
    }
    return operand;
}

static int show(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    say("The authorization is not under way any more. Begin another with: airstore-oauth connect "
        "INTEGRATION");
    return 0;
}

static enum status cancel(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *list = NULL, *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = airstore_oauthd_list_sessions(oauthd, &list, &error);
    if (r >= 0)
        r = airstore_oauthd_cancel_session(
            oauthd, find_session(list, arguments->operand), &reply, &error);
    airstore_oauthd_reply_free(list);
    return answer(r, reply, error, arguments, show);
}

const struct verb verb_cancel = {
    .name = "cancel",
    .operand = "SESSION",
    .operand_values = VALUES_SESSION,
    .summary = "end an authorization that is under way",
    .description =
        "Ends an authorization that is under way: the session of this ID, or the newest\n"
        "one of this integration. Nothing happens to one that has ended already.",
    .options = (const struct option_entry[]){{0}},
    .run = cancel,
};
