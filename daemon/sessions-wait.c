/* SPDX-License-Identifier: MIT */
#include "daemon/list.h"
#include "daemon/sessions-entry.h"

#include <errno.h>

void entry_release_waiters(struct entry *entry)
{
    while (entry->waiters) {
        struct session_waiter *waiter = entry->waiters;
        session_waiter_handler handler = waiter->handler;
        void *userdata = waiter->userdata;

        session_waiter_free(waiter);
        handler(SESSION_WAIT_ENDED, entry->session, userdata);
    }
}

/* The session is asked about at the pace of the least patient. */
void entry_update_interval(struct entry *entry)
{
    int64_t interval = 0;

    LIST_FOREACH (waiter, entry->waiters) {
        if (interval == 0 || waiter->interval < interval)
            interval = waiter->interval;
    }
    if (interval != entry->session->interval && !session_is_over(entry->session))
        entry_handle(
            entry, &(struct session_event){.type = SESSION_EVENT_INTERVAL, .interval = interval});
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct session_waiter *waiter = userdata;
    struct entry *entry = waiter->entry;
    session_waiter_handler handler = waiter->handler;
    void *handler_userdata = waiter->userdata;

    session_waiter_free(waiter);
    handler(SESSION_WAIT_TIMED_OUT, entry->session, handler_userdata);
    return 0;
}

int sessions_wait(struct sessions *sessions, const char *session_id, int64_t timeout,
    int64_t interval, session_waiter_handler handler, void *userdata, struct session_waiter **ret)
{
    struct entry *entry = sessions_entry(sessions, session_id);

    if (!entry)
        return -ENOENT;
    struct session_waiter *waiter = calloc(1, sizeof(*waiter));
    if (!waiter)
        return -ENOMEM;
    waiter->entry = entry;
    waiter->interval = interval;
    waiter->handler = handler;
    waiter->userdata = userdata;
    int r = sd_event_add_time_relative(sessions->context.event, &waiter->timeout, CLOCK_BOOTTIME,
        (uint64_t)timeout, 1000, on_timeout, waiter);
    if (r < 0) {
        free(waiter);
        return r;
    }
    LIST_ADD(entry->waiters, waiter);
    entry_update_interval(entry);
    *ret = waiter;
    return 0;
}

struct session_waiter *session_waiter_free(struct session_waiter *waiter)
{
    if (!waiter)
        return NULL;
    struct entry *entry = waiter->entry;
    LIST_REMOVE(entry->waiters, waiter);
    sd_event_source_disable_unref(waiter->timeout);
    free(waiter);
    entry_update_interval(entry);
    return NULL;
}
