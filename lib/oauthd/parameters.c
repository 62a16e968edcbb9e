/* SPDX-License-Identifier: MIT */
#include "lib/oauthd/parameters.h"

#include "lib/base/json-scan.h"
#include "lib/base/json-write.h"
#include "lib/base/json.h"

#include <errno.h>
#include <inttypes.h>

static bool is_repeated(const char *const *map, size_t i)
{
    for (size_t k = 0; k < i; k += 2) {
        if (streq(map[k], map[i]))
            return true;
    }
    return false;
}

static int append_map(struct buffer *buffer, const char *const *map)
{
    int r = buffer_append_string(buffer, "{");

    for (size_t i = 0; r >= 0 && map[i]; i += 2) {
        r = is_repeated(map, i) ? -EINVAL : json_write_name(buffer, map[i]);
        if (r >= 0)
            r = json_write_string(buffer, map[i + 1]);
    }
    return r < 0 ? r : buffer_append_string(buffer, "}");
}

static bool is_given(const struct parameter *parameter)
{
    switch (parameter->type) {
    case PARAMETER_STRING:
        return parameter->string;
    case PARAMETER_STRING_MAP:
        return parameter->map;
    default:
        return parameter->integer >= 0;
    }
}

static int append_parameter(struct buffer *buffer, const struct parameter *parameter)
{
    int r = json_write_name(buffer, parameter->name);

    if (r < 0)
        return r;
    switch (parameter->type) {
    case PARAMETER_STRING:
        return json_write_string(buffer, parameter->string);
    case PARAMETER_STRING_MAP:
        return append_map(buffer, parameter->map);
    case PARAMETER_BOOLEAN:
        return buffer_append_string(buffer, parameter->integer ? "true" : "false");
    default:
        return buffer_printf(buffer, "%" PRId64, parameter->integer);
    }
}

int call_text(
    struct buffer *buffer, const char *method, bool more, const struct parameter *parameters)
{
    size_t start = buffer->size;
    int r = buffer_printf(
        buffer, "{\"method\":\"%s\",%s\"parameters\":{", method, more ? "\"more\":true," : "");

    for (; r >= 0 && parameters->name; parameters++) {
        if (is_given(parameters))
            r = append_parameter(buffer, parameters);
    }
    if (r >= 0)
        r = buffer_append_string(buffer, "}}");
    if (r < 0)
        return r;
    if (!json_scan(buffer->data + start, buffer->size - start, JSON_DEPTH_MAX))
        return -EINVAL;
    return buffer_append(buffer, "", 1);
}

int call_text_shorten_timeout(struct buffer *text, int64_t otherwise, int64_t elapsed_msec)
{
    static const struct json_field table[] = {{"timeout", JSON_INTEGER, 0, false}, {0}};
    _cleanup_json_ struct json_object *message = NULL;
    _cleanup_buffer_ struct buffer shorter = {.limit = text->limit};
    int64_t timeout = otherwise;
    const char *field;

    int r = json_parse(text->data, text->size - 1, &message);
    if (r < 0)
        return r;
    struct json_object *parameters = json_object_object_get(message, "parameters");
    (void)json_read(parameters, table, JSON_UNKNOWN_IGNORED, &timeout, &field);
    timeout = timeout > elapsed_msec ? timeout - elapsed_msec : 0;
    json_object_object_del(parameters, "timeout");
    r = json_add_integer(parameters, "timeout", timeout);
    if (r >= 0)
        r = json_append(&shorter, message);
    if (r >= 0)
        r = buffer_append(&shorter, "", 1);
    if (r < 0)
        return r;
    buffer_clear(text);
    *text = shorter;
    shorter = (struct buffer){0};
    return 0;
}
