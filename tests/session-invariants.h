/* SPDX-License-Identifier: MIT */
#pragma once

/* What holds of a session after every event, whatever came before: for its unit test and for the
 * fuzz targets. */

#include "daemon/session.h"

/* Returns NULL, or the invariant that is broken. before: a copy of the structure, from before the
 * event. */
static inline const char *session_broken_invariant(
    const struct session *s, const struct session *before, struct session_effects effects)
{
    bool over = session_is_over(s);

    if (session_is_over(before)) {
        if (s->state != before->state || s->connection_id != before->connection_id ||
            s->error != before->error || s->ended_at != before->ended_at)
            return "a session that has ended never changes";
        if (effects.ask || effects.look || effects.changed || effects.ended)
            return "a session that has ended asks for nothing";
    } else if (effects.ended != over) {
        return "the end is told once, and at once";
    }
    if (over) {
        if (s->wake_at != INT64_MAX || s->asking || effects.ask || effects.look)
            return "after the end there is nothing to wake up for";
        if (s->authorize_url || s->trouble)
            return "the authorize URL and the trouble are erased at the end";
    } else {
        if (s->asking != (s->wake_at == INT64_MAX))
            return "it either waits for an answer or for a time, so it never falls asleep for good";
        if (!s->authorize_url)
            return "a pending session can still be authorized";
        if (effects.ask && effects.look)
            return "it asks one thing at a time";
        if (!s->asking && (effects.ask || effects.look))
            return "it knows that it asks";
    }
    if (s->state == SESSION_COMPLETE && !s->connection_id)
        return "a complete session has its connection";
    if (s->state == SESSION_FAILED && (s->failure == SESSION_NOT_FAILED || !s->error))
        return "a failed session says why";
    if (s->state != SESSION_FAILED && s->failure != SESSION_NOT_FAILED)
        return "only a failed session has failed";
    if (s->state == SESSION_LOOKING && !s->workspace_id)
        return "only the connections of a known workspace are looked at";
    return NULL;
}
