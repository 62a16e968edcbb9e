/* SPDX-License-Identifier: MIT */
#include "lib/api/request.h"

#include "lib/api/integration.h"
#include "lib/base/buffer.h"
#include "lib/base/json-scan.h"
#include "lib/base/json-write.h"
#include "lib/base/memory.h"
#include "lib/base/url.h"

#include <ctype.h>
#include <errno.h>

/* The longest of the IDs that are given by people and programs. Two of them are the most that a URL
 * holds, percent-encoded, and behind a base URL of that length there is room for them. */
#define ID_LENGTH_MAX 256
#define BASE_URL_LENGTH_MAX (URL_LENGTH_MAX / 2)

struct member {
    const char *name, *value;
};

void api_request_clear(struct api_request *request)
{
    free(request->url);
    secret_free(request->body);
    *request = (struct api_request){0};
}

/* "." and ".." cannot be encoded in a way that everyone on the path leaves alone. */
static bool is_segment(const char *text)
{
    return *text != '\0' && !streq(text, ".") && !streq(text, "..") &&
           json_scan_is_utf8(text, strlen(text));
}

bool api_id_is_plain(const char *id)
{
    for (const char *c = id; *c != '\0'; c++) {
        if ((unsigned char)*c <= 0x20 || *c == 0x7f || c - id >= ID_LENGTH_MAX)
            return false;
    }
    return is_segment(id);
}

/* Appends "/" and the text, percent-encoded, so that no ID can lead to another resource. */
static int append_segment(struct buffer *url, const char *segment)
{
    if (!is_segment(segment))
        return -EINVAL;

    int r = buffer_append_string(url, "/");
    for (; r >= 0 && *segment != '\0'; segment++) {
        unsigned char c = (unsigned char)*segment;
        if (c < 0x80 && (isalnum(c) || strchr("-._~", c)))
            r = buffer_append(url, segment, 1);
        else
            r = buffer_printf(url, "%%%02X", c);
    }
    return r;
}

/* The segments end with a NULL. */
static int build_url(const char *base_url, const char *const *segments, struct buffer *url)
{
    url->limit = URL_LENGTH_MAX;
    int r = buffer_append_string(url, base_url);
    for (; r >= 0 && *segments; segments++)
        r = append_segment(url, *segments);
    return r == -EMSGSIZE ? -EINVAL : r;
}

static int append_member(struct buffer *body, const char *name, const char *value)
{
    int r = json_write_name(body, name);

    return r < 0 ? r : json_write_string(body, value);
}

static int append_extra(struct buffer *body, struct json_object *extra)
{
    int r = buffer_append_string(body, ",\"extra\":{");

    json_object_object_foreach (extra, name, value) {
        const char *text = json_object_get_string(value);

        if (!json_object_is_type(value, json_type_string) ||
            strlen(text) != (size_t)json_object_get_string_len(value))
            return -EINVAL;
        if (r >= 0)
            r = append_member(body, name, text);
    }
    return r < 0 ? r : buffer_append_string(body, "}");
}

/*
 * Written here and not by json-c, which would leave copies of the credentials behind in memory.
 * Members without a value are left out.
 */
static int build_body(
    const struct member *members, size_t n, struct json_object *extra_or_null, struct buffer *body)
{
    int r = buffer_append_string(body, "{");
    for (size_t i = 0; r >= 0 && i < n; i++) {
        if (!members[i].value)
            continue;
        if (members[i].value[0] == '\0')
            return -EINVAL;
        r = append_member(body, members[i].name, members[i].value);
    }
    if (r >= 0 && extra_or_null)
        r = append_extra(body, extra_or_null);
    if (r >= 0)
        r = buffer_append_string(body, "}");
    if (r < 0)
        return r;
    /* What is not UTF-8 is found by those who look for it best. */
    return json_scan(body->data, body->size, 2) ? 0 : -EINVAL;
}

static int request_without_body(
    const char *method, const char *base_url, const char *const *segments, struct api_request *ret)
{
    _cleanup_buffer_ struct buffer url = {0};

    int r = build_url(base_url, segments, &url);
    if (r < 0)
        return r;
    *ret = (struct api_request){.method = method, .url = buffer_take(&url)};
    return 0;
}

static int request_with_body(const char *base_url, const char *const *segments,
    const struct member *members, size_t n, struct json_object *extra_or_null,
    struct api_request *ret)
{
    _cleanup_buffer_ struct buffer url = {0}, body = {0};

    int r = build_url(base_url, segments, &url);
    if (r >= 0)
        r = build_body(members, n, extra_or_null, &body);
    if (r < 0)
        return r;
    *ret = (struct api_request){
        .method = "POST",
        .url = buffer_take(&url),
        .body = buffer_take(&body),
    };
    return 0;
}

int api_request_create_session(const char *base_url, const char *integration_type,
    const char *workspace_id_or_null, const char *return_to_or_null, struct api_request *ret)
{
    const char *const segments[] = {"oauth", "sessions", NULL};
    const struct member members[] = {
        {"integration_type", integration_type},
        {"workspace_id", workspace_id_or_null},
        {"return_to", return_to_or_null},
    };

    if (!integration_type_is_valid(integration_type))
        return -EINVAL;
    return request_with_body(base_url, segments, members, ARRAY_SIZE(members), NULL, ret);
}

int api_request_get_session(const char *base_url, const char *session_id, struct api_request *ret)
{
    const char *const segments[] = {"oauth", "sessions", session_id, NULL};

    return request_without_body("GET", base_url, segments, ret);
}

int api_request_create_connection(const char *base_url, const char *workspace_id,
    const char *integration_type, const struct api_credentials *credentials,
    struct api_request *ret)
{
    const char *const segments[] = {"workspaces", workspace_id, "connections", NULL};
    const struct member members[] = {
        {"integration_type", integration_type},
        {"access_token", credentials->access_token},
        {"refresh_token", credentials->refresh_token},
        {"api_key", credentials->api_key},
        {"scope", credentials->scope},
    };

    if (!integration_type_is_valid(integration_type))
        return -EINVAL;
    return request_with_body(
        base_url, segments, members, ARRAY_SIZE(members), credentials->extra, ret);
}

int api_request_list_connections(
    const char *base_url, const char *workspace_id, struct api_request *ret)
{
    const char *const segments[] = {"workspaces", workspace_id, "connections", NULL};

    return request_without_body("GET", base_url, segments, ret);
}

int api_request_delete_connection(const char *base_url, const char *workspace_id,
    const char *connection_id, struct api_request *ret)
{
    const char *const segments[] = {"workspaces", workspace_id, "connections", connection_id, NULL};

    return request_without_body("DELETE", base_url, segments, ret);
}

int api_base_url(const char *url, char **ret, const char **ret_problem)
{
    const char *problem = url_problem(url);
    size_t length = strlen(url);

    if (!problem && strpbrk(url, "?#"))
        problem = "has a query or a fragment, which the base of all paths cannot have";
    if (!problem && length > BASE_URL_LENGTH_MAX)
        problem = "is too long";
    if (problem) {
        *ret_problem = problem;
        return -EINVAL;
    }

    while (url[length - 1] == '/')
        length--;
    char *base_url = strndup(url, length);
    if (!base_url)
        return -ENOMEM;
    *ret = base_url;
    return 0;
}
