/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Varlink messages over a stream socket: JSON objects, each ended by one NUL byte. Knows how to
 * split what arrives and to keep what cannot be sent yet; whoever owns it waits for the descriptor
 * and decides what a message means.
 */

#include "lib/base/buffer.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct varlink_stream {
    int fd; /* blocking or not, nothing here waits; closed by varlink_stream_close() */
    struct buffer in, out;
    size_t taken;         /* bytes at the front of `in` that were handed out as messages */
    size_t searched;      /* bytes behind `taken` known to hold no NUL */
    size_t sent;          /* bytes at the front of `out` that the kernel has taken */
    size_t message_limit; /* bytes of one incoming message */
    bool ended;           /* the peer will send nothing more */
};

/* Takes over the descriptor. out_limit: bytes of replies that may wait to be sent. */
void varlink_stream_init(
    struct varlink_stream *stream, int fd, size_t message_limit, size_t out_limit);
/* Closes and erases. A stream that was closed, or never initialised but zeroed with fd -1, is fine.
 */
void varlink_stream_close(struct varlink_stream *stream);

/*
 * Reads once what has arrived. Returns 1 when bytes came in (or the end was seen: stream->ended), 0
 * when there was nothing to read or no room, or negative errno: the connection is broken.
 */
int varlink_stream_read(struct varlink_stream *stream);

/*
 * Takes the next whole message out of what was read. Returns 1 and the message, which the caller
 * puts; 0 when it is not complete yet; -EBADMSG when it is not JSON, -EMSGSIZE when it is longer
 * than the limit, -ENOMEM.
 */
int varlink_stream_next(struct varlink_stream *stream, struct json_object **ret);

/* Queues a message. 0, -ENOMEM, or -ENOBUFS when too much is waiting already; nothing is queued
 * then. */
int varlink_stream_queue(struct varlink_stream *stream, struct json_object *message);

/* The same for a reply whose parameters are text already, a whole JSON object. error: its full
 * name, or NULL. continues: more follow. */
int varlink_stream_queue_reply(struct varlink_stream *stream, const char *error,
    const struct buffer *parameters, bool continues);

/* Sends what can be sent. Returns 1 when something is left, 0 when all is sent, or negative errno:
 * the connection is broken. */
int varlink_stream_write(struct varlink_stream *stream);

/* Drops what was queued. */
void varlink_stream_discard(struct varlink_stream *stream);

/* Whether bytes were read in which varlink_stream_next() has not looked for a message. */
static inline bool varlink_stream_unsearched(const struct varlink_stream *stream)
{
    return stream->in.size - stream->taken > stream->searched;
}

static inline size_t varlink_stream_unsent(const struct varlink_stream *stream)
{
    return stream->out.size - stream->sent;
}
