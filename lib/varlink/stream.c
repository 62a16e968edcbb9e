/* SPDX-License-Identifier: MIT */
#include "lib/varlink/stream.h"

#include "lib/base/json.h"

#include <errno.h>
#include <sys/socket.h>

/* Most messages fit into one read of this; of a longer one, each read takes as much as is there. It
 * is small because the memory is erased after every message. */
#define READ_MIN ((size_t)1000)

void varlink_stream_init(
    struct varlink_stream *stream, int fd, size_t message_limit, size_t out_limit)
{
    *stream = (struct varlink_stream){
        .fd = fd,
        .message_limit = message_limit,
        .in = {.limit = message_limit + 1},
        .out = {.limit = out_limit},
    };
}

void varlink_stream_close(struct varlink_stream *stream)
{
    if (stream->fd >= 0)
        close(TAKE_FD(stream->fd));
    buffer_clear(&stream->in);
    buffer_clear(&stream->out);
    stream->taken = stream->searched = stream->sent = 0;
}

static void drop_taken(struct varlink_stream *stream)
{
    if (stream->taken == 0)
        return;
    if (stream->taken == stream->in.size)
        buffer_clear(&stream->in);
    else
        buffer_consume(&stream->in, stream->taken);
    stream->taken = 0;
}

int varlink_stream_read(struct varlink_stream *stream)
{
    if (stream->ended)
        return 0;
    drop_taken(stream);
    size_t room = stream->in.limit - stream->in.size;
    size_t chunk = stream->in.size > READ_MIN ? stream->in.size : READ_MIN;
    if (room == 0)
        return 0;
    if (chunk > room)
        chunk = room;
    int r = buffer_reserve(&stream->in, chunk);
    if (r < 0)
        return r;

    /* No room is given for control messages, so the kernel discards descriptors that a peer passes
     * along. */
    ssize_t n = recv(stream->fd, stream->in.data + stream->in.size, chunk, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (n == 0)
        stream->ended = true;
    stream->in.size += (size_t)n;
    stream->in.data[stream->in.size] = '\0';
    return 1;
}

int varlink_stream_next(struct varlink_stream *stream, struct json_object **ret)
{
    size_t available = stream->in.size - stream->taken;

    if (available == 0)
        return 0;
    const char *start = stream->in.data + stream->taken;
    const char *end = memchr(start + stream->searched, '\0', available - stream->searched);
    if (!end) {
        stream->searched = available;
        return available > stream->message_limit ? -EMSGSIZE : 0;
    }
    stream->searched = 0;

    size_t length = (size_t)(end - start);
    int r = json_parse(start, length, ret);
    if (r < 0)
        return r;
    explicit_bzero(stream->in.data + stream->taken, length); /* there may be a credential in it */
    stream->taken += length + 1;
    return 1;
}

/* What is there is sent from the front: once all of it is, the memory begins anew. */
static void drop_sent(struct varlink_stream *stream)
{
    if (stream->sent > 0 && stream->sent == stream->out.size)
        varlink_stream_discard(stream);
}

/* Ends the message that begins at `start`, or takes it back. */
static int end_message(struct varlink_stream *stream, size_t start, int r)
{
    if (r >= 0)
        r = buffer_append(&stream->out, "", 1);
    if (r >= 0)
        return 0;
    stream->out.size = start;
    return r == -EMSGSIZE ? -ENOBUFS : r;
}

int varlink_stream_queue(struct varlink_stream *stream, struct json_object *message)
{
    drop_sent(stream);
    size_t start = stream->out.size;
    return end_message(stream, start, json_append(&stream->out, message));
}

int varlink_stream_queue_reply(struct varlink_stream *stream, const char *error,
    const struct buffer *parameters, bool continues)
{
    const char *begin = error ? "{\"error\":\"" : "{", *name = error ? error : "";
    const char *middle = error ? "\",\"parameters\":" : "\"parameters\":";
    const char *end = continues ? ",\"continues\":true}" : "}";

    drop_sent(stream);
    size_t start = stream->out.size;
    /* All of it has room at once, for memory that is outgrown has to be erased. */
    int r = buffer_reserve(&stream->out,
        strlen(begin) + strlen(name) + strlen(middle) + parameters->size + strlen(end) + 1);
    if (r >= 0)
        r = buffer_append_string(&stream->out, begin);
    if (r >= 0)
        r = buffer_append_string(&stream->out, name);
    if (r >= 0)
        r = buffer_append_string(&stream->out, middle);
    if (r >= 0)
        r = buffer_append(&stream->out, parameters->data, parameters->size);
    if (r >= 0)
        r = buffer_append_string(&stream->out, end);
    return end_message(stream, start, r);
}

int varlink_stream_write(struct varlink_stream *stream)
{
    while (varlink_stream_unsent(stream) > 0) {
        ssize_t n = send(stream->fd, stream->out.data + stream->sent, varlink_stream_unsent(stream),
            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            if (errno != EAGAIN)
                return -errno;
            /* What was sent makes room for what is queued next. */
            if (stream->sent > 0)
                buffer_consume(&stream->out, stream->sent);
            stream->sent = 0;
            return 1;
        }
        stream->sent += (size_t)n;
    }
    varlink_stream_discard(stream);
    return 0;
}

void varlink_stream_discard(struct varlink_stream *stream)
{
    buffer_clear(&stream->out);
    stream->sent = 0;
}
