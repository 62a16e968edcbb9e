/* SPDX-License-Identifier: MIT */
#include "lib/base/json.h"

#include "lib/base/json-scan.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <limits.h>

int json_parse(const char *text, size_t size, struct json_object **ret)
{
    return size > INT_MAX ? -EBADMSG : json_scan_value(text, size, JSON_DEPTH_MAX, ret);
}

int json_append(struct buffer *buffer, struct json_object *object)
{
    size_t length = 0;
    const char *text = json_object_to_json_string_length(
        object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

    int r = text ? buffer_append(buffer, text, length) : -ENOMEM;
    if (r >= 0)
        json_scan_make_utf8(buffer->data + buffer->size - length, length);
    return r;
}

static void erase_strings(struct json_object *object)
{
    if (json_object_is_type(object, json_type_string)) {
        /* json-c lends its own memory, which is ours to overwrite as long as nobody else has the
         * object. */
        explicit_bzero((void *)(uintptr_t)json_object_get_string(object),
            (size_t)json_object_get_string_len(object));
    } else if (json_object_is_type(object, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(object); i++)
            erase_strings(json_object_array_get_idx(object, i));
    } else if (json_object_is_type(object, json_type_object)) {
        json_object_object_foreach (object, name, value) {
            (void)name;
            erase_strings(value);
        }
    }
}

struct json_object *json_erase(struct json_object *object)
{
    erase_strings(object);
    json_object_put(object);
    return NULL;
}

static bool has_type(struct json_object *value, enum json_type_wanted type)
{
    switch (type) {
    case JSON_STRING:
        return json_object_is_type(value, json_type_string);
    case JSON_IDENTIFIER:
        return json_object_is_type(value, json_type_string) ||
               json_object_is_type(value, json_type_int);
    case JSON_INTEGER:
        return json_object_is_type(value, json_type_int);
    case JSON_BOOLEAN:
        return json_object_is_type(value, json_type_boolean);
    case JSON_VALUE:
        return true;
    case JSON_ARRAY:
        return json_object_is_type(value, json_type_array);
    case JSON_OBJECT:
        return json_object_is_type(value, json_type_object);
    case JSON_STRING_MAP:
        if (!json_object_is_type(value, json_type_object))
            return false;
        json_object_object_foreach (value, name, member) {
            (void)name;
            if (!json_object_is_type(member, json_type_string))
                return false;
        }
        return true;
    }
    return false;
}

static void store_value(struct json_object *value, enum json_type_wanted type, void *to)
{
    switch (type) {
    case JSON_STRING:
    case JSON_IDENTIFIER:
        *(const char **)to = json_object_get_string(value);
        break;
    case JSON_INTEGER:
        *(int64_t *)to = json_object_get_int64(value);
        break;
    case JSON_BOOLEAN:
        *(bool *)to = json_object_get_boolean(value);
        break;
    case JSON_VALUE:
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_STRING_MAP:
        *(struct json_object **)to = value;
        break;
    }
}

static const struct json_field *find_field(const struct json_field *table, const char *name)
{
    for (; table->name; table++) {
        if (streq(table->name, name))
            return table;
    }
    return NULL;
}

int json_read(struct json_object *object, const struct json_field *table, enum json_unknown unknown,
    void *target, const char **ret_field)
{
    uint64_t seen = 0; /* a bit for each entry of the table, which has fewer than 64 */

    if (json_object_is_type(object, json_type_object)) {
        json_object_object_foreach (object, name, value) {
            const struct json_field *field = find_field(table, name);

            if (field ? value && !has_type(value, field->type) : unknown == JSON_UNKNOWN_REFUSED) {
                *ret_field = name;
                return -EINVAL;
            }
            if (field && value) {
                store_value(value, field->type, (char *)target + field->offset);
                seen |= UINT64_C(1) << (field - table);
            }
        }
    }
    for (const struct json_field *field = table; field->name; field++) {
        if (field->required && !(seen & UINT64_C(1) << (field - table))) {
            *ret_field = field->name;
            return -EINVAL;
        }
    }
    return 0;
}

int json_add(struct json_object *object, const char *name, struct json_object *value)
{
    if (!value)
        return -ENOMEM;
    if (json_object_object_add(object, name, value) < 0) {
        json_object_put(value);
        return -ENOMEM;
    }
    return 0;
}

int json_append_to(struct json_object *array, struct json_object *value)
{
    if (!value)
        return -ENOMEM;
    if (json_object_array_add(array, value) < 0) {
        json_object_put(value);
        return -ENOMEM;
    }
    return 0;
}

int json_add_string(struct json_object *object, const char *name, const char *value_or_null)
{
    return value_or_null ? json_add(object, name, json_object_new_string(value_or_null)) : 0;
}

int json_add_integer(struct json_object *object, const char *name, int64_t value)
{
    return json_add(object, name, json_object_new_int64(value));
}

int json_add_boolean(struct json_object *object, const char *name, bool value)
{
    return json_add(object, name, json_object_new_boolean(value));
}

int json_add_time(struct json_object *object, const char *name, int64_t usec)
{
    char text[TIMESTAMP_SIZE];

    return json_add_string(object, name, timestamp_format(usec, text));
}
