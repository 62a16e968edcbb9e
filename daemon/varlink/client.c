/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/client.h"

#include "lib/varlink/message.h"
#include "lib/varlink/stream.h"

#include <errno.h>
#include <sys/epoll.h>

#define MESSAGE_MAX ((size_t)64 * 1024)

struct varlink_request {
    struct varlink_stream stream;
    sd_event_source *io, *timeout;
    void (*handler)(const char *error, struct json_object *parameters, void *userdata);
    void *userdata;
};

struct varlink_request *varlink_request_cancel(struct varlink_request *request)
{
    if (request) {
        sd_event_source_disable_unref(request->io);
        sd_event_source_disable_unref(request->timeout);
        varlink_stream_close(&request->stream);
        free(request);
    }
    return NULL;
}

static void conclude(
    struct varlink_request *request, const char *error, struct json_object *parameters)
{
    void (*handler)(const char *, struct json_object *, void *) = request->handler;
    void *userdata = request->userdata;

    varlink_request_cancel(request);
    handler(error, parameters, userdata);
}

/* Returns 1 when the reply is there, 0 when it is not, negative when it never will be. */
static int receive(struct varlink_request *request, struct json_object **ret)
{
    int r = varlink_stream_read(&request->stream);

    if (r < 0)
        return r;
    r = varlink_stream_next(&request->stream, ret);
    return r == 0 && request->stream.ended ? -ECONNRESET : r;
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct json_object *message = NULL;
    struct varlink_request *request = userdata;
    struct varlink_reply_message reply;
    int r = 0;

    if (revents & EPOLLOUT)
        r = varlink_stream_write(&request->stream);
    if (r == 0)
        sd_event_source_set_io_events(source, EPOLLIN);
    if (r >= 0 && (revents & (EPOLLIN | EPOLLHUP)))
        r = receive(request, &message);
    if (r < 0 || (message && varlink_reply_parse(message, &reply) < 0))
        conclude(request, "", NULL);
    else if (message)
        conclude(request, reply.error, reply.parameters);
    json_erase(message); /* it may hold a secret */
    return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
    conclude(userdata, "", NULL);
    return 0;
}

int varlink_request_send(sd_event *event, int fd, const char *method,
    struct json_object *parameters, uint64_t timeout_usec,
    void (*handler)(const char *error, struct json_object *parameters, void *userdata),
    void *userdata, struct varlink_request **ret)
{
    const struct varlink_call_message call = {.method = method, .parameters = parameters};
    _cleanup_json_ struct json_object *message = NULL;
    struct varlink_request *request = calloc(1, sizeof(*request));

    if (!request) {
        close(fd);
        return -ENOMEM;
    }
    varlink_stream_init(&request->stream, fd, MESSAGE_MAX, MESSAGE_MAX);
    request->handler = handler;
    request->userdata = userdata;
    int r = varlink_call_build(&call, &message);
    if (r >= 0)
        r = varlink_stream_queue(&request->stream, message);
    if (r >= 0)
        r = sd_event_add_io(event, &request->io, fd, EPOLLIN | EPOLLOUT, on_io, request);
    if (r >= 0)
        r = sd_event_add_time_relative(
            event, &request->timeout, CLOCK_MONOTONIC, timeout_usec, 0, on_timeout, request);
    if (r < 0) {
        varlink_request_cancel(request);
        return r;
    }
    *ret = request;
    return 0;
}
