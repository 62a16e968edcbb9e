/* SPDX-License-Identifier: MIT */
#include "lib/oauthd/call.h"

#include "lib/base/json.h"
#include "lib/base/timestamp.h"
#include "lib/oauthd/address.h"
#include "lib/oauthd/error.h"
#include "lib/oauthd/reply.h"
#include "lib/varlink/message.h"
#include "lib/varlink/stream.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

/* A daemon that is replaced is there again in a moment. So often, and so far apart, a call whose
 * connection was lost is tried again; ten seconds in all. */
#define RECONNECT_TRIES 200U
#define RECONNECT_PAUSE_MSEC 50
/* One that answers and then hangs up, time and again, gets no further: so often in a row it may
 * lose a connection that has not lasted. */
#define LOSSES_MAX 10U
#define LASTING_USEC (10 * USEC_PER_SEC)

struct airstore_oauthd {
    struct oauthd_address address;
    char *profile;                      /* of further calls; NULL for the default one */
    int epoll_fd;                       /* -1 until somebody needs it */
    struct airstore_oauthd_call *calls; /* those with a handler */
    bool dispatching;                   /* nothing is freed meanwhile */
    bool closed;                        /* to be freed once dispatching is over */
};

struct airstore_oauthd_call {
    struct airstore_oauthd *oauthd;
    struct airstore_oauthd_call *next;
    struct varlink_stream stream;
    const struct method *method;
    struct buffer text; /* the call as it is sent; empty when it must not be sent again */
    int64_t sent_usec;  /* CLOCK_BOOTTIME */
    unsigned tries;     /* left, when the connection is lost; the stream has no descriptor then */
    unsigned losses;    /* of connections that had brought a reply and did not last, in a row */
    int64_t connected_usec; /* CLOCK_BOOTTIME */
    bool answered;          /* by this connection */
    int timer_fd;           /* for the next try of a call with a handler, else -1 */
    bool more;
    bool over; /* no handler is called any more; freed as soon as nothing is dispatched */
    airstore_oauthd_handler handler;
    void *userdata;
};

static struct airstore_oauthd_call *call_free(struct airstore_oauthd_call *call)
{
    if (!call)
        return NULL;
    varlink_stream_close(&call->stream);
    buffer_clear(&call->text);
    if (call->timer_fd >= 0)
        close(call->timer_fd);
    free(call);
    return NULL;
}

DEFINE_CLEANUP(struct airstore_oauthd_call *, call_free);

/* ---- One call ------------------------------------------------------------------------------- */

static int connect_socket(const struct oauthd_address *address, bool may_wait, int *ret)
{
    /* Connecting waits only while the daemon's queue of new connections is full. */
    int type = SOCK_STREAM | SOCK_CLOEXEC | (may_wait ? 0 : SOCK_NONBLOCK);
    _cleanup_close_ int fd = socket(AF_UNIX, type, 0);

    if (fd < 0)
        return -errno;
    while (connect(fd, (const struct sockaddr *)&address->socket, address->size) < 0) {
        if (errno == EINTR)
            continue;
        return errno == ENOENT || errno == ENOTDIR ? -ECONNREFUSED : -errno;
    }
    *ret = TAKE_FD(fd);
    return 0;
}

/* Sends what is possible without waiting. A daemon that hangs up may have said why before; so the
 * end is noticed when reading. */
static void send_some(struct airstore_oauthd_call *call)
{
    if (varlink_stream_write(&call->stream) < 0)
        varlink_stream_discard(&call->stream);
}

/* Connects, and sends the call. */
static int call_connect(struct airstore_oauthd_call *call, bool may_wait)
{
    int fd = -1;
    int r = connect_socket(&call->oauthd->address, may_wait, &fd);

    if (r < 0)
        return r;
    varlink_stream_init(&call->stream, fd, REPLY_SIZE_MAX, CALL_SIZE_MAX);
    r = buffer_append(&call->stream.out, call->text.data, call->text.size);
    if (r < 0) {
        varlink_stream_close(&call->stream);
        return r;
    }
    call->sent_usec = call->connected_usec = timestamp_now(CLOCK_BOOTTIME);
    call->answered = false;
    send_some(call);
    return 0;
}

static int call_new(struct airstore_oauthd *oauthd, const struct method *method, bool more,
    const struct parameter *parameters, bool may_wait, struct airstore_oauthd_call **ret)
{
    _cleanup_(call_freep) struct airstore_oauthd_call *call = calloc(1, sizeof(*call));

    if (!call)
        return -ENOMEM;
    call->oauthd = oauthd;
    call->method = method;
    call->more = more;
    call->stream.fd = call->timer_fd = -1;
    call->text.limit = CALL_SIZE_MAX;
    int r = call_text(&call->text, method->name, more, parameters);
    if (r >= 0)
        r = call_connect(call, may_wait);
    if (r < 0)
        return r;
    if (method->once)
        buffer_clear(&call->text);
    else
        call->tries = RECONNECT_TRIES;
    *ret = TAKE_PTR(call);
    return 0;
}

/* Whether it is worth another try. */
static bool may_reconnect(struct airstore_oauthd_call *call)
{
    if (timestamp_now(CLOCK_BOOTTIME) - call->connected_usec >= LASTING_USEC)
        call->losses = 0;
    if (call->answered)
        call->losses++;
    return call->tries > 0 && call->losses < LOSSES_MAX;
}

static void call_disconnect(struct airstore_oauthd_call *call)
{
    /* Closing would do, were there no other process with a copy of the descriptor. */
    if (call->stream.fd >= 0)
        (void)epoll_ctl(call->oauthd->epoll_fd, EPOLL_CTL_DEL, call->stream.fd, NULL);
    varlink_stream_close(&call->stream);
}

/* One more try after that. 0 or negative errno. */
static int call_reconnect(struct airstore_oauthd_call *call)
{
    int64_t elapsed_usec = timestamp_now(CLOCK_BOOTTIME) - call->sent_usec;

    call->tries--;
    if (call->method->timeout_msec > 0) {
        int r = call_text_shorten_timeout(
            &call->text, call->method->timeout_msec, elapsed_usec / USEC_PER_MSEC);
        if (r < 0)
            return r;
        call->sent_usec += elapsed_usec;
    }
    return call_connect(call, false);
}

static short wanted_events(const struct airstore_oauthd_call *call)
{
    return varlink_stream_unsent(&call->stream) > 0 ? POLLIN | POLLOUT : POLLIN;
}

static int take_reply(struct airstore_oauthd_call *call, struct json_object *message,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    struct varlink_reply_message reply;
    int r = varlink_reply_parse(message, &reply);

    if (r >= 0 && reply.error)
        return error_from_reply(reply.error, reply.parameters, ret_error);
    if (r >= 0 && reply.continues && !call->more)
        r = -EBADMSG;
    if (r >= 0)
        r = reply_parse(reply.parameters, reply.continues, call->method->required, ret_reply);
    return r < 0 ? error_from_code(r, ret_error) : 1;
}

/*
 * Reads, and takes the next reply out of what was received. Returns 1 and a reply; 0 when there is
 * none yet, and no connection any more if it was lost; or negative errno and an error, after which
 * there will be none.
 */
static int next_reply(struct airstore_oauthd_call *call, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error)
{
    _cleanup_json_ struct json_object *message = NULL;
    int broken = varlink_stream_read(&call->stream);
    int r = varlink_stream_next(&call->stream, &message);

    if (r == 0 && broken < 0)
        r = broken;
    else if (r == 0 && call->stream.ended)
        r = -ECONNRESET;
    if (r == -ECONNRESET && may_reconnect(call)) {
        call_disconnect(call);
        return 0;
    }
    if (r < 0)
        return error_from_code(r, ret_error);
    if (r > 0 && !call->method->once) {
        call->tries = RECONNECT_TRIES;
        call->answered = true;
    }
    return r == 0 ? 0 : take_reply(call, message, ret_reply, ret_error);
}

/* ---- Waiting for one ------------------------------------------------------------------------ */

static int call_wait(struct airstore_oauthd_call *call, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error)
{
    for (;;) {
        struct pollfd wait = {.fd = call->stream.fd, .events = wanted_events(call)};
        bool connected = wait.fd >= 0;
        if (poll(&wait, 1, connected ? -1 : RECONNECT_PAUSE_MSEC) < 0 && errno != EINTR)
            return error_from_code(-errno, ret_error);
        if (connected) {
            send_some(call);
            int r = next_reply(call, ret_reply, ret_error);
            if (r != 0)
                return r;
        } else if (call_reconnect(call) < 0 && call->tries == 0) {
            return error_from_code(-ECONNRESET, ret_error);
        }
    }
}

static int call_blocking(struct airstore_oauthd *oauthd, const struct method *method, bool more,
    const struct parameter *parameters, const struct delivery *delivery)
{
    _cleanup_(call_freep) struct airstore_oauthd_call *call = NULL;
    _cleanup_(airstore_oauthd_reply_freep) struct airstore_oauthd_reply *reply = NULL;

    int r = call_new(oauthd, method, more, parameters, true, &call);
    if (r < 0)
        return error_from_code(r, delivery->ret_error);
    r = call_wait(call, &reply, delivery->ret_error);
    if (r < 0)
        return r;
    if (delivery->ret_reply)
        *delivery->ret_reply = TAKE_PTR(reply);
    return 0;
}

/* ---- Several at once ------------------------------------------------------------------------ */

int airstore_oauthd_get_fd(struct airstore_oauthd *oauthd)
{
    if (oauthd->epoll_fd < 0) {
        oauthd->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (oauthd->epoll_fd < 0)
            return -errno;
    }
    return oauthd->epoll_fd;
}

int airstore_oauthd_get_events(const struct airstore_oauthd *oauthd)
{
    return POLLIN;
}

static int update_epoll(struct airstore_oauthd_call *call, int operation)
{
    struct epoll_event event = {.data.ptr = call, .events = EPOLLIN};

    if (wanted_events(call) & POLLOUT)
        event.events |= EPOLLOUT;
    int epoll_fd = airstore_oauthd_get_fd(call->oauthd);
    if (epoll_fd < 0)
        return epoll_fd;
    return epoll_ctl(epoll_fd, operation, call->stream.fd, &event) < 0 ? -errno : 0;
}

static int call_start(struct airstore_oauthd *oauthd, const struct method *method, bool more,
    const struct parameter *parameters, const struct delivery *delivery)
{
    _cleanup_(call_freep) struct airstore_oauthd_call *call = NULL;

    if (!delivery->handler)
        return -EINVAL;
    int r = call_new(oauthd, method, more, parameters, false, &call);
    if (r >= 0)
        r = update_epoll(call, EPOLL_CTL_ADD);
    if (r < 0)
        return r;
    call->handler = delivery->handler;
    call->userdata = delivery->userdata;
    call->next = oauthd->calls;
    oauthd->calls = call;
    if (delivery->ret_call)
        *delivery->ret_call = call;
    TAKE_PTR(call);
    return 0;
}

int call_method(struct airstore_oauthd *oauthd, const struct method *method, bool more,
    const struct parameter *parameters, const struct delivery *delivery)
{
    return delivery->wait ? call_blocking(oauthd, method, more, parameters, delivery)
                          : call_start(oauthd, method, more, parameters, delivery);
}

/* Frees what is over, unless somebody further up the stack may still look at it. */
static void reap(struct airstore_oauthd *oauthd)
{
    struct airstore_oauthd_call **link = &oauthd->calls;

    if (oauthd->dispatching)
        return;
    while (*link) {
        struct airstore_oauthd_call *call = *link;
        if (call->over) {
            *link = call->next;
            call_free(call);
        } else {
            link = &call->next;
        }
    }
    if (oauthd->closed) {
        if (oauthd->epoll_fd >= 0)
            close(oauthd->epoll_fd);
        free(oauthd->profile);
        free(oauthd);
    }
}

static void stop_timer(struct airstore_oauthd_call *call)
{
    if (call->timer_fd < 0)
        return;
    (void)epoll_ctl(call->oauthd->epoll_fd, EPOLL_CTL_DEL, call->timer_fd, NULL);
    close(TAKE_FD(call->timer_fd));
}

/* Rings until it is stopped. */
static int start_timer(struct airstore_oauthd_call *call)
{
    const struct timespec pause = {.tv_nsec = RECONNECT_PAUSE_MSEC * 1000000L};
    struct epoll_event event = {.data.ptr = call, .events = EPOLLIN};

    call->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (call->timer_fd < 0)
        return -errno;
    if (timerfd_settime(call->timer_fd, 0, &(struct itimerspec){pause, pause}, NULL) < 0 ||
        epoll_ctl(call->oauthd->epoll_fd, EPOLL_CTL_ADD, call->timer_fd, &event) < 0)
        return -errno;
    return 0;
}

static void finish(struct airstore_oauthd_call *call)
{
    call->over = true;
    call_disconnect(call);
    stop_timer(call);
}

struct airstore_oauthd_call *airstore_oauthd_call_cancel(struct airstore_oauthd_call *call)
{
    if (call) {
        finish(call);
        reap(call->oauthd);
    }
    return NULL;
}

static void hand_out(struct airstore_oauthd_call *call, struct airstore_oauthd_reply *reply,
    struct airstore_oauthd_error *error)
{
    call->handler(call, reply, error, call->userdata);
    if (!call->over && (!reply || !reply->continues))
        finish(call);
    airstore_oauthd_reply_free(reply);
    airstore_oauthd_error_free(error);
}

static int hand_out_error(struct airstore_oauthd_call *call, int code)
{
    struct airstore_oauthd_error *error;

    (void)error_from_code(code, &error);
    hand_out(call, NULL, error);
    return 1;
}

/* The timer of a call without a connection has rung. Returns how much was handed out. */
static int try_again(struct airstore_oauthd_call *call)
{
    uint64_t rung;

    if (read(call->timer_fd, &rung, sizeof(rung)) < 0)
        return 0; /* not yet, after all */
    int r = call_reconnect(call);
    if (r < 0)
        return call->tries == 0 ? hand_out_error(call, -ECONNRESET) : 0;
    stop_timer(call);
    r = update_epoll(call, EPOLL_CTL_ADD);
    return r < 0 ? hand_out_error(call, r) : 0;
}

/* Hands out what has arrived for one call. Returns how much that was. */
static int dispatch_call(struct airstore_oauthd_call *call)
{
    int delivered = 0;

    if (call->stream.fd < 0)
        return try_again(call);
    send_some(call);
    while (!call->over) {
        struct airstore_oauthd_reply *reply = NULL;
        struct airstore_oauthd_error *error = NULL;
        if (next_reply(call, &reply, &error) == 0)
            break;
        hand_out(call, reply, error);
        delivered++;
    }
    if (!call->over && call->stream.fd < 0) {
        int r = start_timer(call);
        if (r < 0)
            delivered += hand_out_error(call, r);
    }
    return delivered;
}

int airstore_oauthd_dispatch(struct airstore_oauthd *oauthd)
{
    struct epoll_event events[32];
    int delivered = 0;

    if (oauthd->dispatching)
        return -EBUSY;
    int epoll_fd = airstore_oauthd_get_fd(oauthd);
    if (epoll_fd < 0)
        return epoll_fd;
    int n = epoll_wait(epoll_fd, events, ARRAY_SIZE(events), 0);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;

    oauthd->dispatching = true;
    for (int i = 0; i < n; i++) {
        struct airstore_oauthd_call *call = events[i].data.ptr;
        if (!call->over)
            delivered += dispatch_call(call);
        if (!call->over && call->stream.fd >= 0 && (events[i].events & EPOLLOUT))
            (void)update_epoll(call, EPOLL_CTL_MOD); /* cannot fail for a descriptor in the set */
    }
    oauthd->dispatching = false;
    reap(oauthd);
    return delivered;
}

/* ---- The handle ----------------------------------------------------------------------------- */

int airstore_oauthd_open(const char *address_or_null, struct airstore_oauthd **ret)
{
    struct oauthd_address address;

    int r = oauthd_address_find(address_or_null, &address);
    if (r < 0)
        return r;
    struct airstore_oauthd *oauthd = calloc(1, sizeof(*oauthd));
    if (!oauthd)
        return -ENOMEM;
    oauthd->address = address;
    oauthd->epoll_fd = -1;
    *ret = oauthd;
    return 0;
}

struct airstore_oauthd *airstore_oauthd_close(struct airstore_oauthd *oauthd)
{
    if (!oauthd)
        return NULL;
    for (struct airstore_oauthd_call *call = oauthd->calls; call; call = call->next)
        finish(call);
    oauthd->closed = true;
    reap(oauthd);
    return NULL;
}

int airstore_oauthd_set_profile(struct airstore_oauthd *oauthd, const char *name_or_null)
{
    return string_replace(&oauthd->profile, name_or_null);
}

const char *oauthd_profile(const struct airstore_oauthd *oauthd)
{
    return oauthd->profile;
}
