/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A request as it came and a reply before it goes: what those who answer see of HTTP. Sending it is
 * the work of server.c and delivery.c.
 */

#include "lib/base/buffer.h"

#include <json-c/json.h>
#include <microhttpd.h>
#include <stdint.h>

#define HTTP_REPLY_HEADERS_MAX 16

struct http_request {
    struct MHD_Connection *connection;
    const char *method; /* "HEAD" is handed on as "GET" */
    const char *path;   /* without the query, percent-decoded */
    struct buffer body;
};

/* Borrowed from the request; NULL when it has none of that name. */
const char *http_request_header(const struct http_request *request, const char *name);
const char *http_request_query(const struct http_request *request, const char *name);
const char *http_request_cookie(const struct http_request *request, const char *name);

/* A field of a posted form into text; "" when there is none or when it does not fit. Fields of ours
 * need no decoding. */
const char *http_request_form(
    const struct http_request *request, const char *name, char *text, size_t size);

enum http_delivery {
    HTTP_WHOLE,
    HTTP_RESET_AT_ONCE,
    HTTP_RESET_AFTER_HEADERS,
    HTTP_RESET_IN_BODY,
    HTTP_TRUNCATED, /* fewer bytes than Content-Length says */
    HTTP_ENDLESS,   /* the body, and then white space for ever */
    HTTP_DRIP,      /* a byte an interval */
};

struct http_header {
    const char *name;
    char *value;
};

struct http_reply {
    unsigned status;
    struct http_header headers[HTTP_REPLY_HEADERS_MAX];
    size_t n_headers;
    struct buffer body;
    enum http_delivery delivery;
    int64_t interval_usec; /* for HTTP_DRIP */
};

void http_reply_clear(struct http_reply *reply);
#define _cleanup_http_reply_ _cleanup_(http_reply_clear)

/* Adds a header or replaces its value; NULL removes it. The name is static. Returns 0, -ENOMEM, or
 * -ENOSPC. */
int http_reply_header(struct http_reply *reply, const char *name, const char *value_or_null);

/* Replaces status and body. The object is taken over, on failure too; NULL means memory was short.
 */
int http_reply_json(struct http_reply *reply, unsigned status, struct json_object *object);
