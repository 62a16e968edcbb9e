/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/delivery.h"

#include "lib/base/memory.h"
#include "lib/base/timestamp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/socket.h>

/* How much more than there is Content-Length promises when the body is cut off. */
#define MISSING_BYTES 1024

/* What a content reader works on; owned by the response. */
struct delivery {
    enum http_delivery kind;
    char *body;
    size_t size;
    struct MHD_Connection *connection;
    struct pauses *pauses;
    struct pause pause;
    int64_t interval_usec;
    bool paused; /* the interval before the next byte is over */
};

/* The peer gets a RST: "connection reset by peer". */
static void reset_connection(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    int on = 1;

    if (!info)
        return;
    /* What was written so far still goes out: turning delays off pushes it. */
    setsockopt(info->connect_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    /* Dissolving the association resets it; closing the socket would end it in good order. */
    (void)connect(info->connect_fd, &nowhere, sizeof(nowhere));
}

static ssize_t copy(const struct delivery *delivery, uint64_t position, char *to, size_t max)
{
    size_t n = delivery->size - (size_t)position;

    if (n > max)
        n = max;
    memcpy(to, delivery->body + position, n);
    return (ssize_t)n;
}

static ssize_t read_reset(struct delivery *delivery, uint64_t position, char *to, size_t max)
{
    size_t wanted = delivery->kind == HTTP_RESET_IN_BODY ? (delivery->size + 1) / 2 : 0;

    if (position < wanted)
        return copy(delivery, position, to, max < wanted - position ? max : wanted - position);
    reset_connection(delivery->connection);
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

static ssize_t read_truncated(struct delivery *delivery, uint64_t position, char *to, size_t max)
{
    return position < delivery->size ? copy(delivery, position, to, max)
                                     : MHD_CONTENT_READER_END_WITH_ERROR;
}

static ssize_t read_endless(struct delivery *delivery, uint64_t position, char *to, size_t max)
{
    if (position < delivery->size)
        return copy(delivery, position, to, max);
    memset(to, ' ', max);
    return (ssize_t)max;
}

static ssize_t read_drip(struct delivery *delivery, uint64_t position, char *to, size_t max)
{
    if (!delivery->paused) {
        delivery->paused = true;
        pause_begin(
            delivery->pauses, &delivery->pause, delivery->connection, delivery->interval_usec);
        return 0;
    }
    delivery->paused = false;
    return copy(delivery, position, to, 1);
}

static ssize_t read_content(void *userdata, uint64_t position, char *to, size_t max)
{
    static ssize_t (*const readers[])(struct delivery *, uint64_t, char *, size_t) = {
        [HTTP_RESET_AFTER_HEADERS] = read_reset,
        [HTTP_RESET_IN_BODY] = read_reset,
        [HTTP_TRUNCATED] = read_truncated,
        [HTTP_ENDLESS] = read_endless,
        [HTTP_DRIP] = read_drip,
    };
    struct delivery *delivery = userdata;

    return readers[delivery->kind](delivery, position, to, max);
}

static void delivery_free(void *userdata)
{
    struct delivery *delivery = userdata;

    free(delivery->body);
    free(delivery);
}

static uint64_t announced_size(const struct delivery *delivery)
{
    switch (delivery->kind) {
    case HTTP_ENDLESS:
        return MHD_SIZE_UNKNOWN;
    case HTTP_DRIP:
        return delivery->size;
    default:
        return delivery->size + MISSING_BYTES;
    }
}

static struct MHD_Response *spoilt_response(
    struct MHD_Connection *connection, struct http_reply *reply, struct pauses *pauses)
{
    struct delivery *delivery = calloc(1, sizeof(*delivery));
    struct MHD_Response *response;

    if (!delivery)
        return NULL;
    *delivery = (struct delivery){
        .kind = reply->delivery,
        .size = reply->body.size,
        .connection = connection,
        .pauses = pauses,
        .interval_usec = reply->interval_usec,
    };
    delivery->body = buffer_take(&reply->body);
    response = MHD_create_response_from_callback(
        announced_size(delivery), (size_t)16 * 1024, read_content, delivery, delivery_free);
    if (!response)
        delivery_free(delivery);
    return response;
}

static struct MHD_Response *whole_response(struct http_reply *reply)
{
    size_t size = reply->body.size;
    char *body = buffer_take(&reply->body);
    struct MHD_Response *response;

    if (!body)
        return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    response = MHD_create_response_from_buffer(size, body, MHD_RESPMEM_MUST_FREE);
    if (!response)
        free(body);
    return response;
}

static void response_freep(struct MHD_Response **response)
{
    if (*response)
        MHD_destroy_response(*response);
}

enum MHD_Result delivery_send(
    struct MHD_Connection *connection, struct http_reply *reply, struct pauses *pauses)
{
    _cleanup_(response_freep) struct MHD_Response *response = NULL;

    if (reply->delivery == HTTP_RESET_AT_ONCE) {
        reset_connection(connection);
        return MHD_NO;
    }
    response = reply->delivery == HTTP_WHOLE ? whole_response(reply)
                                             : spoilt_response(connection, reply, pauses);
    if (!response)
        return MHD_NO;
    for (size_t i = 0; i < reply->n_headers; i++) {
        if (MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value) !=
            MHD_YES)
            return MHD_NO;
    }
    return MHD_queue_response(connection, reply->status, response);
}
