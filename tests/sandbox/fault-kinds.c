/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/fault-kinds.h"

#include "lib/base/json.h"
#include "lib/base/memory.h"
#include "lib/base/timestamp.h"
#include "tests/sandbox/api.h"

#include <errno.h>
#include <stdio.h>

static int set_body(
    struct http_reply *reply, unsigned status, const char *content_type, const char *body, size_t n)
{
    int r;

    buffer_clear(&reply->body);
    r = buffer_append(&reply->body, body, n);
    if (r < 0)
        return r;
    reply->status = status;
    return http_reply_header(reply, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
}

static int apply_status(const struct fault *fault, struct http_reply *reply)
{
    unsigned status = fault->status > 0 ? (unsigned)fault->status : MHD_HTTP_INTERNAL_SERVER_ERROR;
    char error[64];

    snprintf(error, sizeof(error), "the sandbox was told to answer %u", status);
    return api_write_error(reply, status, fault->error ? fault->error : error);
}

static int apply_body(const struct fault *fault, struct http_reply *reply)
{
    const char *body = fault->body ? fault->body : "";

    return set_body(reply, MHD_HTTP_OK, "application/json", body, strlen(body));
}

static int apply_empty(const struct fault *fault, struct http_reply *reply)
{
    buffer_clear(&reply->body);
    reply->status = MHD_HTTP_NO_CONTENT;
    return http_reply_header(reply, MHD_HTTP_HEADER_CONTENT_TYPE, NULL);
}

static int apply_garbage(const struct fault *fault, struct http_reply *reply)
{
    static const char garbage[] = "{\"success\":tru\xff\xfe\0e,'data':{\"session_id\":\xc0\x80NaN]";

    return set_body(reply, MHD_HTTP_OK, "application/json", garbage, sizeof(garbage) - 1);
}

static int apply_html(const struct fault *fault, struct http_reply *reply)
{
    static const char html[] = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>"
                               "<body><h1>Sign in to the guest network</h1></body></html>\n";

    return set_body(reply, MHD_HTTP_OK, "text/html; charset=utf-8", html, sizeof(html) - 1);
}

static int apply_content_type(const struct fault *fault, struct http_reply *reply)
{
    return http_reply_header(reply, MHD_HTTP_HEADER_CONTENT_TYPE,
        fault->content_type ? fault->content_type : "text/plain");
}

/* The object of the reply, to be changed and written again. */
static int parse_reply(const struct http_reply *reply, struct json_object **ret)
{
    _cleanup_json_ struct json_object *object = NULL;
    int r = json_parse(reply->body.data, reply->body.size, &object);

    if (r == -EBADMSG || (r == 0 && !json_object_is_type(object, json_type_object)))
        return 0; /* a page: nothing to change */
    if (r < 0)
        return r;
    *ret = TAKE_PTR(object);
    return 0;
}

static int apply_no_envelope(const struct fault *fault, struct http_reply *reply)
{
    _cleanup_json_ struct json_object *object = NULL;
    struct json_object *data;
    int r = parse_reply(reply, &object);

    if (r < 0 || !object || !json_object_object_get_ex(object, "data", &data))
        return r;
    return http_reply_json(reply, reply->status, json_object_get(data));
}

static int apply_null_data(const struct fault *fault, struct http_reply *reply)
{
    _cleanup_json_ struct json_object *object = NULL;
    int r = parse_reply(reply, &object);

    if (r < 0 || !object)
        return r;
    if (json_object_object_add(object, "data", NULL) < 0)
        return -ENOMEM;
    return http_reply_json(reply, reply->status, TAKE_PTR(object));
}

/* A good reply, but for a member that nobody can want. */
static int apply_large(const struct fault *fault, struct http_reply *reply)
{
    size_t size = fault->size > 0 ? (size_t)fault->size : (size_t)2 * 1024 * 1024;
    _cleanup_json_ struct json_object *object = NULL;
    _cleanup_free_ char *padding = NULL;
    int r = parse_reply(reply, &object);

    if (r < 0 || !object)
        return r;
    padding = malloc(size);
    if (!padding)
        return -ENOMEM;
    memset(padding, 'x', size);
    r = json_add(object, "padding", json_object_new_string_len(padding, (int)size));
    return r < 0 ? r : http_reply_json(reply, reply->status, TAKE_PTR(object));
}

static int apply_bare(const struct fault *fault, struct http_reply *reply)
{
    http_reply_header(reply, "x-request-id", NULL);
    return http_reply_header(reply, MHD_HTTP_HEADER_DATE, NULL);
}

static int apply_reset(const struct fault *fault, struct http_reply *reply)
{
    reply->delivery = HTTP_RESET_AT_ONCE;
    return 0;
}

static int apply_reset_after_headers(const struct fault *fault, struct http_reply *reply)
{
    reply->delivery = HTTP_RESET_AFTER_HEADERS;
    return 0;
}

static int apply_reset_in_body(const struct fault *fault, struct http_reply *reply)
{
    reply->delivery = HTTP_RESET_IN_BODY;
    return 0;
}

static int apply_truncated(const struct fault *fault, struct http_reply *reply)
{
    reply->delivery = HTTP_TRUNCATED;
    return 0;
}

static int apply_endless(const struct fault *fault, struct http_reply *reply)
{
    static const char beginning[] = "{\"success\":true,\"data\":";

    reply->delivery = HTTP_ENDLESS;
    return set_body(reply, MHD_HTTP_OK, "application/json", beginning, sizeof(beginning) - 1);
}

static int apply_drip(const struct fault *fault, struct http_reply *reply)
{
    reply->delivery = HTTP_DRIP;
    reply->interval_usec = (fault->ms > 0 ? fault->ms : 1000) * USEC_PER_MSEC;
    return 0;
}

static const struct fault_kind kinds[] = {
    {"latency", FAULT_DELAY, true, NULL},
    {"clock", FAULT_CLOCK, true, NULL},
    {"status", FAULT_REPLY, false, apply_status},
    {"body", FAULT_REPLY, false, apply_body},
    {"empty", FAULT_REPLY, false, apply_empty},
    {"garbage", FAULT_REPLY, false, apply_garbage},
    {"html", FAULT_REPLY, false, apply_html},
    {"endless", FAULT_REPLY, false, apply_endless},
    {"reset", FAULT_REPLY, false, apply_reset},
    {"reset-after-headers", FAULT_REPLY, true, apply_reset_after_headers},
    {"reset-in-body", FAULT_REPLY, true, apply_reset_in_body},
    {"truncated", FAULT_REPLY, true, apply_truncated},
    {"drip", FAULT_REPLY, true, apply_drip},
    {"content-type", FAULT_REPLY, true, apply_content_type},
    {"no-envelope", FAULT_REPLY, true, apply_no_envelope},
    {"null-data", FAULT_REPLY, true, apply_null_data},
    {"large", FAULT_REPLY, true, apply_large},
    {"bare", FAULT_REPLY, true, apply_bare},
};

const struct fault_kind *fault_kind_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (streq(kinds[i].name, name))
            return &kinds[i];
    }
    return NULL;
}

int fault_apply(const struct fault *fault, struct http_reply *reply)
{
    int r = fault->kind->apply(fault, reply);

    if (r < 0)
        return r;
    if (fault->status > 0)
        reply->status = (unsigned)fault->status;
    if (fault->retry_after)
        r = http_reply_header(reply, MHD_HTTP_HEADER_RETRY_AFTER, fault->retry_after);
    if (r == 0 && fault->retry_after_ms)
        r = http_reply_header(reply, "Retry-After-Ms", fault->retry_after_ms);
    return r;
}
