/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/virtual-time.h"

#include "lib/base/timestamp.h"
#include "tests/fuzz/fuzz.h"

#include <sys/random.h>
#include <systemd/sd-event.h>

#define BOOTED (3600 * USEC_PER_SEC)
#define BEGAN ((int64_t)1800000000 * USEC_PER_SEC) /* 2027-01-15 */
/* More in one go would be a timer that rings for ever. */
#define RINGS_MAX 20000

/* Or a process that may end, which has another handler and is due at no time. */
struct timer {
    struct timer *next;
    int64_t at;
    int enabled;
    sd_event_time_handler_t handler;
    sd_event_child_handler_t child_handler;
    bool floating; /* kept by the loop when nobody else does */
    void *userdata;
};

static struct timer *timers;
static int64_t now;
static uint64_t random_state;

void virtual_time_begin(void)
{
    HOLDS(!timers);
    now = BOOTED;
    random_state = 88172645463325252U;
}

unsigned virtual_time_timers(void)
{
    unsigned n = 0;

    for (const struct timer *timer = timers; timer; timer = timer->next)
        n++;
    return n;
}

static struct timer *next_timer(void)
{
    struct timer *next = NULL;

    for (struct timer *timer = timers; timer; timer = timer->next) {
        if (timer->handler && timer->enabled != SD_EVENT_OFF && (!next || timer->at < next->at))
            next = timer;
    }
    return next;
}

int64_t virtual_time_next(void)
{
    const struct timer *next = next_timer();

    if (!next || next->at == INT64_MAX)
        return -1;
    return next->at > now ? next->at - now : 0;
}

void virtual_time_pass(int64_t usec, bool (*settle)(void))
{
    int64_t end = now + usec;
    struct timer *timer;

    for (int rings = 0; (timer = next_timer()) && timer->at <= end; rings++) {
        HOLDS(rings < RINGS_MAX);
        if (timer->at > now)
            now = timer->at;
        if (timer->enabled == SD_EVENT_ONESHOT)
            timer->enabled = SD_EVENT_OFF;
        HOLDS(timer->handler((sd_event_source *)timer, (uint64_t)timer->at, timer->userdata) >= 0);
        if (!settle())
            return;
    }
    now = end;
}

static void forget(struct timer *timer)
{
    for (struct timer **link = &timers; *link; link = &(*link)->next) {
        if (*link == timer) {
            *link = timer->next;
            break;
        }
    }
    free(timer);
}

bool virtual_child_end(int status, bool killed)
{
    const siginfo_t info = {.si_code = killed ? CLD_KILLED : CLD_EXITED, .si_status = status};
    struct timer *child = timers;

    while (child && (!child->child_handler || child->enabled == SD_EVENT_OFF))
        child = child->next;
    if (!child)
        return false;
    child->enabled = SD_EVENT_OFF;
    bool floating = child->floating;
    HOLDS(child->child_handler((sd_event_source *)child, &info, child->userdata) >= 0);
    if (floating) { /* else its owner may have freed it */
        HOLDS(!child->floating);
        forget(child);
    }
    return true;
}

/* What is wrapped */

static struct timer *find(const sd_event_source *source)
{
    for (struct timer *timer = timers; timer; timer = timer->next) {
        if (timer == (const struct timer *)source)
            return timer;
    }
    return NULL;
}

static int64_t clamp(uint64_t usec)
{
    return usec > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)usec;
}

int __wrap_sd_event_add_time(sd_event *event, sd_event_source **ret, clockid_t clock, uint64_t usec,
    uint64_t accuracy, sd_event_time_handler_t handler, void *userdata);
int __wrap_sd_event_add_time(sd_event *event, sd_event_source **ret, clockid_t clock, uint64_t usec,
    uint64_t accuracy, sd_event_time_handler_t handler, void *userdata)
{
    struct timer *timer = calloc(1, sizeof(*timer));

    HOLDS(timer && ret);
    timer->at = clamp(usec);
    timer->enabled = SD_EVENT_ONESHOT;
    timer->handler = handler;
    timer->userdata = userdata;
    timer->next = timers;
    timers = timer;
    *ret = (sd_event_source *)timer;
    return 0;
}

int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **ret, clockid_t clock,
    uint64_t usec, uint64_t accuracy, sd_event_time_handler_t handler, void *userdata);
int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **ret, clockid_t clock,
    uint64_t usec, uint64_t accuracy, sd_event_time_handler_t handler, void *userdata)
{
    return __wrap_sd_event_add_time(
        event, ret, clock, (uint64_t)now + usec, accuracy, handler, userdata);
}

int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
    struct timer *timer = find(source);

    HOLDS(timer);
    timer->at = clamp(usec);
    return 0;
}

int __wrap_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
    return __wrap_sd_event_source_set_time(source, (uint64_t)now + usec);
}

int __real_sd_event_source_set_enabled(sd_event_source *source, int enabled);
int __wrap_sd_event_source_set_enabled(sd_event_source *source, int enabled);
int __wrap_sd_event_source_set_enabled(sd_event_source *source, int enabled)
{
    struct timer *timer = find(source);

    if (!timer)
        return __real_sd_event_source_set_enabled(source, enabled);
    timer->enabled = enabled;
    return 0;
}

int __real_sd_event_source_get_enabled(sd_event_source *source, int *ret);
int __wrap_sd_event_source_get_enabled(sd_event_source *source, int *ret);
int __wrap_sd_event_source_get_enabled(sd_event_source *source, int *ret)
{
    struct timer *timer = find(source);

    if (!timer)
        return __real_sd_event_source_get_enabled(source, ret);
    if (ret)
        *ret = timer->enabled;
    return timer->enabled != SD_EVENT_OFF;
}

int __real_sd_event_source_set_priority(sd_event_source *source, int64_t priority);
int __wrap_sd_event_source_set_priority(sd_event_source *source, int64_t priority);
int __wrap_sd_event_source_set_priority(sd_event_source *source, int64_t priority)
{
    return find(source) ? 0 : __real_sd_event_source_set_priority(source, priority);
}

sd_event_source *__real_sd_event_source_disable_unref(sd_event_source *source);
sd_event_source *__wrap_sd_event_source_disable_unref(sd_event_source *source);
sd_event_source *__wrap_sd_event_source_disable_unref(sd_event_source *source)
{
    struct timer *timer = find(source);

    if (!timer)
        return __real_sd_event_source_disable_unref(source);
    forget(timer);
    return NULL;
}

int __wrap_sd_event_add_child(sd_event *event, sd_event_source **ret, pid_t pid, int options,
    sd_event_child_handler_t handler, void *userdata);
int __wrap_sd_event_add_child(sd_event *event, sd_event_source **ret, pid_t pid, int options,
    sd_event_child_handler_t handler, void *userdata)
{
    int r = __wrap_sd_event_add_time(event, ret, CLOCK_MONOTONIC, UINT64_MAX, 0, NULL, userdata);
    struct timer *child = find(*ret);

    child->child_handler = handler;
    return r;
}

int __wrap_sd_event_source_set_floating(sd_event_source *source, int floating);
int __wrap_sd_event_source_set_floating(sd_event_source *source, int floating)
{
    struct timer *child = find(source);

    HOLDS(child);
    child->floating = floating;
    return 0;
}

void *__wrap_sd_event_source_set_userdata(sd_event_source *source, void *userdata);
void *__wrap_sd_event_source_set_userdata(sd_event_source *source, void *userdata)
{
    struct timer *child = find(source);
    void *before;

    HOLDS(child);
    before = child->userdata;
    child->userdata = userdata;
    return before;
}

sd_event_source *__wrap_sd_event_source_unref(sd_event_source *source);
sd_event_source *__wrap_sd_event_source_unref(sd_event_source *source)
{
    const struct timer *child = find(source);

    HOLDS(child && child->floating); /* or it would go on without anybody */
    return NULL;
}

int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *ret);
int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *ret)
{
    HOLDS(clock == CLOCK_BOOTTIME);
    *ret = (uint64_t)now;
    return 0;
}

int64_t __wrap_timestamp_now(clockid_t clock);
int64_t __wrap_timestamp_now(clockid_t clock)
{
    return clock == CLOCK_REALTIME ? BEGAN + now - BOOTED : now;
}

ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags)
{
    for (size_t i = 0; i < size; i++) {
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        ((uint8_t *)bytes)[i] = (uint8_t)(random_state >> 32);
    }
    return (ssize_t)size;
}
