/* SPDX-License-Identifier: MIT */
#include "daemon/idle.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

struct idle {
    uint64_t usec;
    bool running;
    bool (*is_idle)(void *userdata);
    void (*leave)(void *userdata);
    void *userdata;
    sd_event_source *after, *timer;
};

/* Runs whenever the loop has done something. The timer counts from the last time that something
 * happened. */
static int on_something(sd_event_source *source, void *userdata)
{
    struct idle *idle = userdata;
    bool now = idle->is_idle(idle->userdata);

    if (now)
        sd_event_source_set_time_relative(idle->timer, idle->usec);
    if (now != idle->running)
        sd_event_source_set_enabled(idle->timer, now ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
    idle->running = now;
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct idle *idle = userdata;

    idle->running = false;
    if (idle->is_idle(idle->userdata))
        idle->leave(idle->userdata);
    return 0;
}

int idle_new(sd_event *event, uint64_t usec, bool (*is_idle)(void *userdata),
    void (*leave)(void *userdata), void *userdata, struct idle **ret)
{
    struct idle *idle = calloc(1, sizeof(*idle));

    if (!idle)
        return -ENOMEM;
    *idle = (struct idle){
        .usec = usec,
        .running = true,
        .is_idle = is_idle,
        .leave = leave,
        .userdata = userdata,
    };
    int r =
        sd_event_add_time_relative(event, &idle->timer, CLOCK_MONOTONIC, usec, 0, on_timer, idle);
    /* A client that has just connected is served first. */
    if (r >= 0)
        r = sd_event_source_set_priority(idle->timer, SD_EVENT_PRIORITY_IDLE);
    if (r >= 0)
        r = sd_event_add_post(event, &idle->after, on_something, idle);
    if (r < 0) {
        idle_free(idle);
        return r;
    }
    *ret = idle;
    return 0;
}

struct idle *idle_free(struct idle *idle)
{
    if (idle) {
        sd_event_source_disable_unref(idle->after);
        sd_event_source_disable_unref(idle->timer);
        free(idle);
    }
    return NULL;
}
