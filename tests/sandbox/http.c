/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/http.h"

#include "lib/base/json.h"
#include "lib/base/memory.h"

#include <errno.h>

const char *http_request_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_request_query(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *http_request_cookie(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND, name);
}

const char *http_request_form(
    const struct http_request *request, const char *name, char *text, size_t size)
{
    size_t name_length = strlen(name);

    text[0] = '\0';
    for (const char *field = request->body.data; field; field = strchr(field, '&')) {
        if (*field == '&')
            field++;
        if (strncmp(field, name, name_length) != 0 || field[name_length] != '=')
            continue;
        const char *value = field + name_length + 1;
        size_t length = strcspn(value, "&");
        if (length < size) {
            memcpy(text, value, length);
            text[length] = '\0';
        }
        break;
    }
    return text;
}

void http_reply_clear(struct http_reply *reply)
{
    for (size_t i = 0; i < reply->n_headers; i++)
        free(reply->headers[i].value);
    buffer_clear(&reply->body);
    *reply = (struct http_reply){0};
}

int http_reply_header(struct http_reply *reply, const char *name, const char *value_or_null)
{
    size_t i = 0;

    while (i < reply->n_headers && !streq(reply->headers[i].name, name))
        i++;

    if (!value_or_null) {
        if (i < reply->n_headers) {
            free(reply->headers[i].value);
            reply->headers[i] = reply->headers[--reply->n_headers];
        }
        return 0;
    }
    if (i == HTTP_REPLY_HEADERS_MAX)
        return -ENOSPC;
    if (i == reply->n_headers)
        reply->headers[i] = (struct http_header){.name = name};
    if (string_replace(&reply->headers[i].value, value_or_null) < 0)
        return -ENOMEM;
    if (i == reply->n_headers)
        reply->n_headers++;
    return 0;
}

int http_reply_json(struct http_reply *reply, unsigned status, struct json_object *object)
{
    _cleanup_json_ struct json_object *owned = object;
    int r;

    if (!owned)
        return -ENOMEM;
    buffer_clear(&reply->body);
    r = json_append(&reply->body, owned);
    if (r < 0)
        return r;
    reply->status = status;
    return http_reply_header(reply, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
}
