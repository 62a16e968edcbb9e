/* SPDX-License-Identifier: MIT */
#include "daemon/net/wakeup.h"

#include "daemon/log.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

/* A network that comes up makes several messages; and routes are there a moment after addresses. */
#define SETTLE_USEC ((uint64_t)200 * 1000)
/* A network that changes all the time must not keep requests from being answered. */
#define APART_USEC ((uint64_t)5 * 1000000)

struct wakeup {
    sd_event *event;
    void (*handler)(void *userdata);
    void *userdata;
    sd_event_source *netlink, *clock, *settle;
    uint64_t not_before; /* CLOCK_BOOTTIME */
};

static int on_settled(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct wakeup *wakeup = userdata;

    wakeup->not_before = usec + APART_USEC;
    wakeup->handler(wakeup->userdata);
    return 0;
}

static void wait_to_settle(struct wakeup *wakeup)
{
    uint64_t at;

    sd_event_now(wakeup->event, CLOCK_BOOTTIME, &at);
    at += SETTLE_USEC;
    sd_event_source_set_time(wakeup->settle, at > wakeup->not_before ? at : wakeup->not_before);
    sd_event_source_set_enabled(wakeup->settle, SD_EVENT_ONESHOT);
}

static int on_netlink(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    char message[8192];

    /* What exactly has changed does not matter: asking once too often costs nothing. ENOBUFS: more
     * has than fits. */
    if (recv(fd, message, sizeof(message), MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
        wait_to_settle(userdata);
    return 0;
}

static int open_netlink(struct wakeup *wakeup)
{
    const struct sockaddr_nl address = {
        .nl_family = AF_NETLINK,
        .nl_groups =
            RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
    };
    _cleanup_close_ int fd =
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    int r = sd_event_add_io(wakeup->event, &wakeup->netlink, fd, EPOLLIN, on_netlink, wakeup);
    if (r < 0)
        return r;
    (void)sd_event_source_set_io_fd_own(wakeup->netlink, true);
    (void)TAKE_FD(fd);
    return 0;
}

/* A timer far away that the kernel cancels when the clock jumps, as it does on resume from suspend.
 */
static int arm_clock(int fd)
{
    const struct itimerspec never = {.it_value.tv_sec = INT32_MAX};

    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0
               ? -errno
               : 0;
}

static int on_clock(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    uint64_t expirations;

    if (read(fd, &expirations, sizeof(expirations)) < 0 && errno == ECANCELED)
        wait_to_settle(userdata);
    (void)arm_clock(fd);
    return 0;
}

static int open_clock(struct wakeup *wakeup)
{
    _cleanup_close_ int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

    if (fd < 0)
        return -errno;
    int r = arm_clock(fd);
    if (r >= 0)
        r = sd_event_add_io(wakeup->event, &wakeup->clock, fd, EPOLLIN, on_clock, wakeup);
    if (r < 0)
        return r;
    (void)sd_event_source_set_io_fd_own(wakeup->clock, true);
    (void)TAKE_FD(fd);
    return 0;
}

void wakeup_enable(struct wakeup *wakeup, bool enable)
{
    if (!enable) {
        wakeup->netlink = sd_event_source_disable_unref(wakeup->netlink);
        wakeup->clock = sd_event_source_disable_unref(wakeup->clock);
        sd_event_source_set_enabled(wakeup->settle, SD_EVENT_OFF);
        return;
    }
    int r = wakeup->netlink ? 0 : open_netlink(wakeup);
    if (r < 0)
        log_debug("Cannot watch the network: %s", strerror(-r));
    r = wakeup->clock ? 0 : open_clock(wakeup);
    if (r < 0)
        log_debug("Cannot watch the clock: %s", strerror(-r));
}

int wakeup_new(
    sd_event *event, void (*handler)(void *userdata), void *userdata, struct wakeup **ret)
{
    struct wakeup *wakeup = calloc(1, sizeof(*wakeup));

    if (!wakeup)
        return -ENOMEM;
    wakeup->handler = handler;
    wakeup->userdata = userdata;
    int r = sd_event_add_time(
        event, &wakeup->settle, CLOCK_BOOTTIME, UINT64_MAX, 10000, on_settled, wakeup);
    if (r < 0) {
        free(wakeup);
        return r;
    }
    sd_event_source_set_enabled(wakeup->settle, SD_EVENT_OFF);
    wakeup->event = sd_event_ref(event);
    *ret = wakeup;
    return 0;
}

struct wakeup *wakeup_free(struct wakeup *wakeup)
{
    if (!wakeup)
        return NULL;
    wakeup_enable(wakeup, false);
    sd_event_source_disable_unref(wakeup->settle);
    sd_event_unref(wakeup->event);
    free(wakeup);
    return NULL;
}
