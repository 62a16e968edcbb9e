/* SPDX-License-Identifier: MIT */

/* cancel: end an authorization that is under way, named by its ID or by its integration. */

#include "cli/answer.h"
#include "cli/integration.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/term.h"

static bool is_meant(const struct airstore_oauthd_session *session, const char *operand)
{
    return streq(session->session_id, operand) || (session->status == AIRSTORE_OAUTHD_PENDING &&
                                                      streq(session->integration_type, operand));
}

/* The ID of the session that is meant, or NULL. */
static const char *find_session(const struct airstore_oauthd_reply *list, const char *operand)
{
    for (size_t i = 0; list->sessions[i]; i++) {
        if (is_meant(list->sessions[i], operand))
            return list->sessions[i]->session_id;
    }
    return NULL;
}

/* Who names an integration need not hear of sessions. */
static enum status refuse(const char *name)
{
    complain("No authorization of %s is under way.", name);
    advise("See how the last ones ended with: airstore-oauth sessions");
    return STATUS_NOT_FOUND;
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

    _cleanup_(integration_clear) struct integration integration = {0};

    int r = integration_find(oauthd, arguments->operand, &integration);
    if (r < 0)
        return report_code(r);
    (void)airstore_oauthd_set_profile(oauthd, NULL); /* sessions of all profiles; needs no memory */
    r = airstore_oauthd_list_sessions(oauthd, &list, &error);
    const char *session_id = r >= 0 ? find_session(list, arguments->operand) : NULL;
    if (r >= 0 && !session_id && integration.known) {
        airstore_oauthd_reply_free(list);
        return refuse(integration.name);
    }
    /* What is no session at all, the daemon refuses. */
    if (r >= 0)
        r = airstore_oauthd_cancel_session(
            oauthd, session_id ? session_id : arguments->operand, &reply, &error);
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
