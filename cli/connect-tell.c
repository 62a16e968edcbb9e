/* SPDX-License-Identifier: MIT */
#include "cli/connect-tell.h"

#include "cli/term.h"
#include "cli/text.h"
#include "lib/base/timestamp.h"

#include <inttypes.h>

static void tell_target(const struct plan *plan, const char *profile)
{
    if (plan->workspace_id && profile)
        say("Connecting %s to the workspace %s, with the profile %s.", plan->name,
            plan->workspace_id, profile);
    else if (plan->workspace_id)
        say("Connecting %s to the workspace %s.", plan->name, plan->workspace_id);
    else if (profile)
        say("Connecting %s with the profile %s.", plan->name, profile);
    else
        say("Connecting %s.", plan->name);
}

void tell_plan(const struct plan *plan, const char *profile_or_null)
{
    char since[TEXT_SIZE];

    tell_target(plan, profile_or_null);
    if (plan->connected && plan->updated_at_usec >= 0)
        say("There is a connection already, last renewed %s. It will be renewed, for everything in "
            "the workspace that uses it.",
            time_relative(plan->updated_at_usec, timestamp_now(CLOCK_REALTIME), since));
    else if (plan->connected)
        say("There is a connection already. It will be renewed, for everything in the workspace "
            "that uses it.");
}

void tell_session(const struct plan *plan, const struct airstore_oauthd_reply *created)
{
    char began[TEXT_SIZE];

    if (created->warning)
        say("Warning: %s", created->warning);
    if (created->existing)
        say("An authorization of %s that began %s is under way; it goes on.", plan->name,
            time_relative(created->session->created_at_usec, timestamp_now(CLOCK_REALTIME), began));
}

void tell_opened(const struct plan *plan)
{
    say("Approve the access to %s in the browser, which is being opened.", plan->name);
}

void tell_result(const struct plan *plan, const struct airstore_oauthd_session *session)
{
    if (session->renewed == 1)
        say("%s was connected before; its connection has been renewed.", plan->name);
    else
        say("%s is connected.", plan->name);
}

void tell_finishing(const struct plan *plan)
{
    _cleanup_free_ char *text = NULL;

    if (asprintf(&text, "Approved in the browser; Airstore is finishing %s …", plan->name) < 0)
        text = NULL;
    else
        live_show(text, "Approved; finishing …");
}

void tell_time_left(const struct plan *plan, int64_t left_usec, const char *what_interrupting_does)
{
    _cleanup_free_ char *text = NULL, *brief = NULL;
    int64_t seconds = (left_usec + USEC_PER_SEC - 1) / USEC_PER_SEC;

    if (asprintf(&brief, "%" PRId64 ":%02" PRId64 " left. Ctrl-C %s.", seconds / 60, seconds % 60,
            what_interrupting_does) < 0) {
        brief = NULL;
        return;
    }
    if (asprintf(&text, "%.*s left to approve %s in the browser. Ctrl-C %s.",
            (int)strcspn(brief, " "), brief, plan->name, what_interrupting_does) < 0) {
        text = NULL;
        return;
    }
    live_show(text, brief);
}
