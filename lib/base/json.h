/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Strict JSON on top of json-c: parsing that takes only what RFC 8259 allows, and reading the
 * members of an object into a struct by a table of their names and types.
 */

#include "lib/base/buffer.h"
#include "lib/base/memory.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How deep arrays and objects may stand inside each other. */
#define JSON_DEPTH_MAX 32

static inline void json_freep(struct json_object **object)
{
    json_object_put(*object);
}
#define _cleanup_json_ _cleanup_(json_freep)

/*
 * Parses exactly one value. Refused, beyond what is malformed: invalid UTF-8, NUL characters
 * (escaped ones too), members that occur twice, integers beyond 64 bits, and deeper nesting than
 * JSON_DEPTH_MAX. Returns 0 and a value that the caller puts (a JSON null is a NULL pointer),
 * -EBADMSG, or -ENOMEM.
 */
int json_parse(const char *text, size_t size, struct json_object **ret);

/*
 * Appends the value as compact JSON. Paths and the like need not be UTF-8, and would break the
 * whole text: what is none becomes question marks. Returns 0, -ENOMEM, or -EMSGSIZE when the
 * buffer's limit would be exceeded.
 */
int json_append(struct buffer *buffer, struct json_object *object);

/* Puts the value after erasing every string in it, which must be shared with nobody. NULL is fine.
 * Returns NULL. */
struct json_object *json_erase(struct json_object *object);

enum json_type_wanted {
    JSON_STRING,     /* const char *, borrowed from the object */
    JSON_IDENTIFIER, /* const char *, borrowed: a string, or a number taken as its text */
    JSON_INTEGER,    /* int64_t */
    JSON_BOOLEAN,    /* bool */
    JSON_VALUE,      /* struct json_object *, borrowed: anything but null */
    JSON_OBJECT,     /* struct json_object *, borrowed */
    JSON_ARRAY,      /* struct json_object *, borrowed */
    JSON_STRING_MAP, /* struct json_object *, borrowed: an object all of whose members are strings
                      */
};

struct json_field {
    const char *name;
    enum json_type_wanted type;
    size_t offset; /* of the member of the target struct */
    bool required;
};

enum json_unknown { JSON_UNKNOWN_IGNORED, JSON_UNKNOWN_REFUSED };

/*
 * Reads the members that the table names (its last entry has no name) into *target. A member that
 * is absent or null leaves the target as it was, so defaults are set beforehand. What is no
 * object, NULL for one, counts as {}. Returns 0; or -EINVAL, with the name of the first member that
 * is missing, unknown or of another type in *ret_field (which lives as long as the object and the
 * table). The target may have been written to in part by then.
 */
int json_read(struct json_object *object, const struct json_field *table, enum json_unknown unknown,
    void *target, const char **ret_field);

/*
 * The same for building: members are added to the object only where there is something to add.
 * Each returns 0 or -ENOMEM; the object is unchanged then.
 */
int json_add_string(struct json_object *object, const char *name, const char *value_or_null);
int json_add_integer(struct json_object *object, const char *name, int64_t value);
int json_add_boolean(struct json_object *object, const char *name, bool value);
int json_add_time(struct json_object *object, const char *name, int64_t usec);
/* These take over the value, on failure too; NULL is one that there was no memory for. */
int json_add(struct json_object *object, const char *name, struct json_object *value);
int json_append_to(struct json_object *array, struct json_object *value);
