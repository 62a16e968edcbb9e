/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/link.h"

#include "daemon/log.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/*
 * A link takes one step a turn of the loop: it has one call answered and sends what it can. So a
 * client that sends a thousand calls at once waits behind the others like everybody else. Turns
 * come from the socket only, never from a deferred event source: one that enables itself again
 * keeps its place in the queue of sd-event, at the front. The next call is taken only when the one
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
    /* EPOLLHUP and EPOLLERR are always reported. */
    sd_event_source_set_io_events(link->io, events);
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
    _cleanup_json_ struct json_object *parameters = json_object_new_object();
    _cleanup_json_ struct json_object *message = NULL;
    const struct varlink_reply_message reply = {
        .error = link->limits->error, .parameters = parameters};

    if (!parameters || json_add_string(parameters, "limit", limit) < 0 ||
        json_add_integer(parameters, "maximum", (int64_t)maximum) < 0 ||
        varlink_reply_build(&reply, &message) < 0)
        return -ENOMEM;
    return varlink_stream_queue(&link->stream, message);
}

static void call_free(struct varlink_call *call)
{
    json_erase(call->message); /* it may hold a credential */
    free(call);
}

static void send_reply(struct varlink_call *call, const struct varlink_reply_message *reply)
{
    _cleanup_json_ struct json_object *message = NULL;
    struct varlink_link *link = call->link;

    if (!link || call->oneway || link->broken || link->gone)
        return;
    bool first = varlink_stream_unsent(&link->stream) == 0;
    int r = varlink_reply_build(reply, &message);
    if (r >= 0)
        r = varlink_stream_queue(&link->stream, message);
    if (r == -ENOBUFS && first && !reply->continues)
        r = queue_limit(link, "bytes of queued replies", link->limits->queued_replies);
    if (r < 0)
        break_off(link); /* it reads too slowly, or not at all */
    else if (first)
        send_queued(link);
}

/* The final reply is on its way. The link goes on by itself. */
static void finish(struct varlink_call *call)
{
    struct varlink_link *link = call->link;

    if (link) {
        link->call = NULL;
        sd_event_source_set_enabled(link->io, SD_EVENT_ON); /* see hung_up() */
        rearm(link);
    }
    call_free(call);
}

void varlink_call_reply(struct varlink_call *call, struct json_object *parameters)
{
    send_reply(call, &(struct varlink_reply_message){.parameters = parameters});
    json_object_put(parameters);
    finish(call);
}

void varlink_call_reply_more(struct varlink_call *call, struct json_object *parameters)
{
    struct varlink_link *link = call->link;

    send_reply(call, &(struct varlink_reply_message){.parameters = parameters, .continues = true});
    json_object_put(parameters);
    if (link)
        rearm(link);
}

void varlink_call_fail(struct varlink_call *call, const char *error, struct json_object *parameters)
{
    send_reply(call, &(struct varlink_reply_message){.error = error, .parameters = parameters});
    json_object_put(parameters);
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
    if (call->link)
        rearm(call->link);
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
    return sd_event_source_set_enabled(link->io, SD_EVENT_OFF);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct varlink_link *link = userdata;
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
    else
        rearm(link);
    return 0;
}

int varlink_link_new(struct varlink_server *server, sd_event *event,
    const struct varlink_limits *limits, int fd, struct varlink_link **ret)
{
    struct varlink_link *link = calloc(1, sizeof(*link));

    if (!link) {
        close(fd);
        return -ENOMEM;
    }
    link->server = server;
    link->limits = limits;
    varlink_stream_init(&link->stream, fd, limits->message_size, limits->queued_replies);

    int r = sd_event_add_io(event, &link->io, fd, EPOLLIN, on_io, link);
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

    sd_event_source_disable_unref(link->io);
    varlink_stream_close(&link->stream);
    free(link);

    if (call)
        cancel(call);
}
