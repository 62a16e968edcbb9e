/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/link.h"

#include "daemon/log.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/*
 * A link takes one step a turn of the loop: it has one call answered and sends what it can. So a
 * client that sends a thousand calls at once waits behind the others like everybody else. Turns
 * come from the socket only (see sockets.h), for the kernel puts the one that was served behind the
 * others. The next call is taken only when the one
 * before has its final reply and the client has read most of its replies; until then nothing is
 * read either, and the kernel makes the client wait.
 *
 * A client that has hung up gets no more replies, and what it waits for is cancelled. What it has
 * sent before is still done, one call after the other: for all we know it wants no reply.
 */

struct varlink_call {
    struct varlink_link *link; /* NULL once the client is gone */
    struct json_object *message;
    bool more, oneway, restricted;
    void (*on_hangup)(struct varlink_call *call, void *userdata);
    void *on_hangup_userdata;
    void (*on_room)(struct varlink_call *call, void *userdata); /* NULL: nothing waits for it */
    void *on_room_userdata;
};

/* Below this many unread bytes a client's next call is taken, or its present one goes on. */
static size_t replies_low(const struct varlink_link *link)
{
    return link->stream.out.limit / 2;
}

static bool takes_calls(const struct varlink_link *link)
{
    return !link->call && !link->broken &&
           varlink_stream_unsent(&link->stream) <= replies_low(link);
}

static bool has_more_to_say(const struct varlink_link *link)
{
    return link->call && link->call->on_room && !link->broken && !link->gone &&
           varlink_stream_unsent(&link->stream) <= replies_low(link);
}

/* Whether there is something to do that was read before: no event of the socket tells of that. */
static bool has_backlog(const struct varlink_link *link)
{
    return takes_calls(link) && (link->stream.ended || varlink_stream_unsearched(&link->stream));
}

/* Decides what the link waits for next. A backlog waits for room for its replies. */
static void rearm(struct varlink_link *link)
{
    uint32_t events = 0;

    if (takes_calls(link) && !link->stream.ended)
        events |= EPOLLIN;
    if (varlink_stream_unsent(&link->stream) > 0 || has_backlog(link) || has_more_to_say(link))
        events |= EPOLLOUT;
    (void)sockets_watch(link->sockets, &link->watch, events);
}

/* It is closed in its next turn, for which it waits no longer. */
static void break_off(struct varlink_link *link)
{
    link->broken = true;
    (void)shutdown(link->stream.fd, SHUT_RDWR);
}

static void send_queued(struct varlink_link *link)
{
    if (varlink_stream_write(&link->stream) >= 0)
        return;
    link->gone = true;
    varlink_stream_discard(&link->stream);
}

static int queue_limit(struct varlink_link *link, const char *limit, size_t maximum)
{
    _cleanup_buffer_ struct buffer parameters = {0};

    int r = buffer_printf(&parameters, "{\"limit\":\"%s\",\"maximum\":%zu}", limit, maximum);
    return r < 0
               ? r
               : varlink_stream_queue_reply(&link->stream, link->limits->error, &parameters, false);
}

static void call_free(struct varlink_call *call)
{
    json_erase(call->message); /* it may hold a credential */
    free(call);
}

/* parameters NULL: there was no memory for them. */
static void send_text(
    struct varlink_call *call, const char *error, const struct buffer *parameters, bool continues)
{
    struct varlink_link *link = call->link;

    if (!link || call->oneway || link->broken || link->gone)
        return;
    bool first = varlink_stream_unsent(&link->stream) == 0;
    int r = parameters ? varlink_stream_queue_reply(&link->stream, error, parameters, continues)
                       : -ENOMEM;
    if (r == -ENOBUFS && first && !continues)
        r = queue_limit(link, "bytes of queued replies", link->limits->queued_replies);
    if (r < 0)
        break_off(link); /* it reads too slowly, or not at all */
    else if (first)
        send_queued(link);
}

static void send_object(
    struct varlink_call *call, const char *error, struct json_object *parameters, bool continues)
{
    _cleanup_buffer_ struct buffer text = {0};
    int r = parameters ? json_append(&text, parameters) : buffer_append_string(&text, "{}");

    json_object_put(parameters);
    send_text(call, error, r < 0 ? NULL : &text, continues);
}

/* The final reply is on its way. The link goes on by itself. */
static void finish(struct varlink_call *call)
{
    struct varlink_link *link = call->link;

    if (link) {
        link->call = NULL;
        rearm(link);
    }
    call_free(call);
}

void varlink_call_reply(struct varlink_call *call, struct json_object *parameters)
{
    send_object(call, NULL, parameters, false);
    finish(call);
}

void varlink_call_reply_text(struct varlink_call *call, const struct buffer *parameters)
{
    send_text(call, NULL, parameters, false);
    finish(call);
}

static void go_on(struct varlink_call *call)
{
    if (call->link && call->link->watch.watched)
        rearm(call->link);
}

void varlink_call_reply_more(struct varlink_call *call, struct json_object *parameters)
{
    send_object(call, NULL, parameters, true);
    go_on(call);
}

void varlink_call_reply_more_text(struct varlink_call *call, const struct buffer *parameters)
{
    send_text(call, NULL, parameters, true);
    go_on(call);
}

void varlink_call_fail(struct varlink_call *call, const char *error, struct json_object *parameters)
{
    send_object(call, error, parameters, false);
    finish(call);
}

void varlink_call_fail_parameter(struct varlink_call *call, const char *parameter)
{
    _cleanup_json_ struct json_object *parameters = json_object_new_object();

    if (!parameters || json_add_string(parameters, "parameter", parameter) < 0)
        varlink_call_abandon(call);
    else
        varlink_call_fail(call, "org.varlink.service.InvalidParameter", TAKE_PTR(parameters));
}

void varlink_call_abandon(struct varlink_call *call)
{
    if (call->link)
        break_off(call->link);
    finish(call);
}

bool varlink_call_more(const struct varlink_call *call)
{
    return call->more;
}

bool varlink_call_oneway(const struct varlink_call *call)
{
    return call->oneway;
}

bool varlink_call_restricted(const struct varlink_call *call)
{
    return call->restricted;
}

void varlink_call_on_hangup(struct varlink_call *call,
    void (*handler)(struct varlink_call *call, void *userdata), void *userdata)
{
    call->on_hangup = handler;
    call->on_hangup_userdata = userdata;
}

void varlink_call_on_room(struct varlink_call *call,
    void (*handler)(struct varlink_call *call, void *userdata), void *userdata)
{
    call->on_room = handler;
    call->on_room_userdata = userdata;
    go_on(call);
}

bool varlink_call_has_room(const struct varlink_call *call)
{
    return !call->link || varlink_stream_unsent(&call->link->stream) <= replies_low(call->link);
}

/* Takes the next call out of the buffer. 1 when there was one, 0 when there was none, negative when
 * the client must go. */
static int take_call(struct varlink_link *link)
{
    _cleanup_json_ struct json_object *message = NULL;
    struct varlink_call_message parsed;

    int r = varlink_stream_next(&link->stream, &message);
    if (r <= 0)
        return r;
    r = varlink_call_parse(message, &parsed);
    if (r < 0)
        return r;

    struct varlink_call *call = calloc(1, sizeof(*call));
    if (!call)
        return -ENOMEM;
    call->link = link;
    call->more = parsed.more && !parsed.oneway;
    call->oneway = parsed.oneway;
    call->restricted = link->restricted;
    call->message = TAKE_PTR(message);
    link->call = call;
    link->asked = true;
    if (link->stopped)
        varlink_link_stop(link);
    varlink_server_dispatch(link->server, call, &parsed);
    return 1;
}

/* Takes a call that was read before, or else reads. */
static int read_call(struct varlink_link *link)
{
    int r = take_call(link);

    if (r != 0)
        return r;
    r = varlink_stream_read(&link->stream);
    return r < 0 ? r : take_call(link);
}

/* One step. Returns negative when the link is to be closed. */
static int step(struct varlink_link *link)
{
    if (has_more_to_say(link))
        link->call->on_room(link->call, link->call->on_room_userdata);
    if (!takes_calls(link))
        return 0;
    int r = read_call(link);
    if (r == -EMSGSIZE && queue_limit(link, "bytes of a request", link->limits->message_size) >= 0)
        send_queued(link);
    if (r == 0 && link->stream.ended && varlink_stream_unsent(&link->stream) == 0)
        return -ECONNRESET; /* it has asked all it wanted and has its answers */
    return r;
}

static void cancel(struct varlink_call *call)
{
    call->link = NULL;
    if (call->on_hangup)
        call->on_hangup(call, call->on_hangup_userdata);
}

/* Both directions are closed: nobody waits for a reply any more. */
static int hung_up(struct varlink_link *link)
{
    link->gone = true;
    varlink_stream_discard(&link->stream);
    if (link->call && link->call->on_hangup)
        cancel(TAKE_PTR(link->call));
    if (!link->call)
        return step(link);
    /* It ends by itself. Until then the socket has nothing new to say. */
    sockets_ignore(link->sockets, &link->watch);
    return 0;
}

static void on_ready(struct socket_watch *watch, uint32_t revents)
{
    struct varlink_link *link = (void *)((char *)watch - offsetof(struct varlink_link, watch));
    int r;

    if (revents & EPOLLOUT)
        send_queued(link);
    if (link->broken)
        r = -EPIPE;
    else if ((revents & (EPOLLHUP | EPOLLERR)) && !(revents & EPOLLIN))
        r = hung_up(link);
    else
        r = step(link);

    if (r < 0)
        varlink_server_close_link(link->server, link);
    else if (link->watch.watched)
        rearm(link);
}

void varlink_link_welcome(struct varlink_link *link)
{
    on_ready(&link->watch, EPOLLIN);
}

int varlink_link_new(struct varlink_server *server, struct sockets *sockets,
    const struct varlink_limits *limits, int fd, struct varlink_link **ret)
{
    struct varlink_link *link = calloc(1, sizeof(*link));

    if (!link) {
        close(fd);
        return -ENOMEM;
    }
    link->server = server;
    link->limits = limits;
    link->sockets = sockets;
    link->watch = (struct socket_watch){.fd = fd, .handler = on_ready};
    varlink_stream_init(&link->stream, fd, limits->message_size, limits->queued_replies);

    int r = sockets_watch(sockets, &link->watch, EPOLLIN);
    if (r < 0) {
        varlink_link_free(link);
        return r;
    }
    *ret = link;
    return 0;
}

void varlink_link_stop(struct varlink_link *link)
{
    link->stopped = true;
    if (link->asked)
        varlink_link_stop_now(link);
}

/* From here on, sending fails on the side of the client. What it has sent before can still be read,
 * and the end behind it closes the link. */
void varlink_link_stop_now(struct varlink_link *link)
{
    (void)shutdown(link->stream.fd, SHUT_RD);
}

void varlink_link_free(struct varlink_link *link)
{
    struct varlink_call *call = link->call;

    sockets_ignore(link->sockets, &link->watch);
    varlink_stream_close(&link->stream);
    free(link);

    if (call)
        cancel(call);
}
