/* SPDX-License-Identifier: MIT */

/*
 * JSON from anybody. What we take is written and read again as the same value, is taken by json-c
 * as the same value, too, and is UTF-8 without a NUL in any string.
 */

#include "tests/fuzz/fuzz.h"

#include "lib/base/json-scan.h"
#include "lib/base/json.h"

#include <errno.h>

static void strings_are_whole(struct json_object *value)
{
    if (json_object_is_type(value, json_type_string)) {
        const char *text = json_object_get_string(value);
        size_t length = (size_t)json_object_get_string_len(value);
        HOLDS(strlen(text) == length);
        HOLDS(json_scan_is_utf8(text, length));
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            strings_are_whole(json_object_array_get_idx(value, i));
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach (value, name, member) {
            HOLDS(json_scan_is_utf8(name, strlen(name)));
            strings_are_whole(member);
        }
    }
}

static void survives_writing(struct json_object *value)
{
    _cleanup_json_ struct json_object *again = NULL;
    _cleanup_buffer_ struct buffer text = {0}, text_again = {0}, narrow = {0};

    HOLDS(json_append(&text, value) >= 0);
    HOLDS(json_parse(text.data, text.size, &again) >= 0);
    HOLDS(json_object_equal(value, again));
    HOLDS(json_append(&text_again, again) >= 0);
    HOLDS(text.size == text_again.size && memcmp(text.data, text_again.data, text.size) == 0);

    narrow.limit = text.size > 1 ? text.size - 1 : 1;
    if (text.size > 1)
        HOLDS(json_append(&narrow, value) == -EMSGSIZE && narrow.size == 0);
}

static void json_c_agrees(const char *text, size_t size, struct json_object *value)
{
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);

    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    _cleanup_json_ struct json_object *theirs = json_tokener_parse_ex(tokener, text, (int)size);
    if (json_tokener_get_error(tokener) == json_tokener_continue)
        theirs = json_tokener_parse_ex(tokener, "", 1);
    HOLDS(json_tokener_get_error(tokener) == json_tokener_success);
    HOLDS(json_object_equal(value, theirs));
    json_tokener_free(tokener);
}

/* A member is only ever handed out as what the table wants it to be. */
static void is_read_by_table(struct json_object *object)
{
    struct target {
        const char *string, *identifier;
        int64_t integer;
        bool boolean;
        struct json_object *value, *object, *array, *map;
    } target = {.integer = -7};
    static const struct json_field table[] = {
        {"s", JSON_STRING, offsetof(struct target, string), false},
        {"id", JSON_IDENTIFIER, offsetof(struct target, identifier), false},
        {"i", JSON_INTEGER, offsetof(struct target, integer), true},
        {"b", JSON_BOOLEAN, offsetof(struct target, boolean), false},
        {"v", JSON_VALUE, offsetof(struct target, value), false},
        {"o", JSON_OBJECT, offsetof(struct target, object), false},
        {"a", JSON_ARRAY, offsetof(struct target, array), false},
        {"m", JSON_STRING_MAP, offsetof(struct target, map), false},
        {0},
    };
    const char *field = NULL;
    bool refused = json_read(object, table, JSON_UNKNOWN_REFUSED, &target, &field) < 0;

    HOLDS(refused == (field != NULL));
    if (refused)
        return;
    struct json_object *integer = json_object_object_get(object, "i");
    HOLDS(json_object_is_type(integer, json_type_int));
    HOLDS(json_object_get_int64(integer) == target.integer);
    HOLDS(!target.object || json_object_is_type(target.object, json_type_object));
    HOLDS(!target.array || json_object_is_type(target.array, json_type_array));
    HOLDS(!target.identifier || strlen(target.identifier) < SIZE_MAX);
    if (target.map) {
        json_object_object_foreach (target.map, name, member)
            HOLDS(name && json_object_is_type(member, json_type_string));
    }
}

/* Whatever a string holds, what is written can be read. */
static void can_be_told(const char *text)
{
    _cleanup_json_ struct json_object *object = json_object_new_object(), *again = NULL;
    _cleanup_buffer_ struct buffer written = {0};

    HOLDS(json_add_string(object, "path", text) >= 0);
    HOLDS(json_append(&written, object) >= 0);
    HOLDS(json_parse(written.data, written.size, &again) >= 0);
    if (json_scan_is_utf8(text, strlen(text)))
        HOLDS(json_object_equal(object, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct json_object *value = NULL;

    if (size == 0)
        return 0;
    _cleanup_free_ char *copy = fuzz_text(data, size);
    can_be_told(copy);
    int r = json_parse(text, size, &value);
    HOLDS(r == 0 || (r == -EBADMSG && !value));
    if (r < 0)
        return 0;
    HOLDS(json_scan(text, size, JSON_DEPTH_MAX));
    HOLDS(json_scan_is_utf8(text, size));
    HOLDS(!memchr(text, '\0', size));
    strings_are_whole(value);
    survives_writing(value);
    json_c_agrees(text, size, value);
    if (json_object_is_type(value, json_type_object))
        is_read_by_table(value);
    json_erase(value);
    return 0;
}
