/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/pause.h"

#include "lib/base/timestamp.h"

void pause_begin(struct pauses *pauses, struct pause *pause, struct MHD_Connection *connection,
    int64_t duration_usec)
{
    struct pause *before;

    pause->connection = connection;
    pause->until_usec = timestamp_now(CLOCK_BOOTTIME) + duration_usec;

    /* In order of their ends. Most pauses are equally long, so the place is at the end or near. */
    TAILQ_FOREACH_REVERSE(before, pauses, pauses, link)
    {
        if (before->until_usec <= pause->until_usec)
            break;
    }
    if (before)
        TAILQ_INSERT_AFTER(pauses, before, pause, link);
    else
        TAILQ_INSERT_HEAD(pauses, pause, link);
    MHD_suspend_connection(connection);
}

void pauses_end(struct pauses *pauses, int64_t now_usec)
{
    struct pause *pause;

    while ((pause = TAILQ_FIRST(pauses)) && pause->until_usec <= now_usec) {
        TAILQ_REMOVE(pauses, pause, link);
        MHD_resume_connection(pause->connection);
    }
}

int64_t pauses_next(const struct pauses *pauses)
{
    const struct pause *pause = TAILQ_FIRST(pauses);

    return pause ? pause->until_usec : INT64_MAX;
}
