/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/faults.h"

#include "lib/base/json.h"
#include "lib/base/memory.h"
#include "lib/base/timestamp.h"
#include "tests/sandbox/api.h"
#include "tests/sandbox/fault-kinds.h"

#include <errno.h>
#include <stdio.h>

TAILQ_HEAD(fault_list, fault);

struct faults {
    struct fault_list list;
    size_t n;
    int64_t last_id;
};

int faults_new(struct faults **ret)
{
    struct faults *faults = calloc(1, sizeof(*faults));

    if (!faults)
        return -ENOMEM;
    TAILQ_INIT(&faults->list);
    *ret = faults;
    return 0;
}

struct faults *faults_free(struct faults *faults)
{
    if (faults) {
        faults_clear(faults);
        free(faults);
    }
    return NULL;
}

struct fault *fault_unref(struct fault *fault)
{
    if (fault && --fault->references == 0) {
        json_object_put(fault->description);
        free(fault);
    }
    return NULL;
}

DEFINE_CLEANUP(struct fault *, fault_unref);

static void forget(struct faults *faults, struct fault *fault)
{
    TAILQ_REMOVE(&faults->list, fault, link);
    faults->n--;
    fault_unref(fault);
}

void faults_clear(struct faults *faults)
{
    struct fault *fault;

    while ((fault = TAILQ_FIRST(&faults->list)))
        forget(faults, fault);
}

static const char *range_problem(const struct fault *fault)
{
    if (fault->count < 0)
        return "count must not be negative; 0 means until cleared";
    if (fault->status != 0 && (fault->status < 200 || fault->status > 599))
        return "status must be from 200 to 599";
    if (fault->ms < 0 || fault->ms > 86400000)
        return "ms must be from 0 to a day";
    if (fault->kind->scope == FAULT_DELAY && fault->ms == 0)
        return "latency needs ms, a number of milliseconds";
    if (fault->size < 0 || fault->size > 268435456)
        return "size must be from 0 to 256 MiB";
    if (fault->offset_seconds > INT32_MAX || fault->offset_seconds < INT32_MIN)
        return "offset_seconds is too far away";
    return NULL;
}

/* Reads the description into the fault, which keeps it. */
static int read_description(
    struct fault *fault, struct json_object *description, char *problem, size_t problem_size)
{
    static const struct json_field table[] = {
        {"kind", JSON_STRING, offsetof(struct fault, kind_name), true},
        {"count", JSON_INTEGER, offsetof(struct fault, count), false},
        {"path", JSON_STRING, offsetof(struct fault, path), false},
        {"method", JSON_STRING, offsetof(struct fault, method), false},
        {"handled", JSON_BOOLEAN, offsetof(struct fault, handled), false},
        {"ms", JSON_INTEGER, offsetof(struct fault, ms), false},
        {"size", JSON_INTEGER, offsetof(struct fault, size), false},
        {"status", JSON_INTEGER, offsetof(struct fault, status), false},
        {"offset_seconds", JSON_INTEGER, offsetof(struct fault, offset_seconds), false},
        {"retry_after", JSON_IDENTIFIER, offsetof(struct fault, retry_after), false},
        {"retry_after_ms", JSON_IDENTIFIER, offsetof(struct fault, retry_after_ms), false},
        {"error", JSON_STRING, offsetof(struct fault, error), false},
        {"body", JSON_STRING, offsetof(struct fault, body), false},
        {"content_type", JSON_STRING, offsetof(struct fault, content_type), false},
        {0},
    };
    struct json_object *kind = NULL;
    const char *field, *why;

    if (!json_object_is_type(description, json_type_object)) {
        snprintf(problem, problem_size, "a fault is an object with a kind");
        return -EINVAL;
    }
    json_object_object_get_ex(description, "kind", &kind);
    fault->kind = json_object_is_type(kind, json_type_string)
                      ? fault_kind_find(json_object_get_string(kind))
                      : NULL;
    if (!fault->kind) {
        snprintf(problem, problem_size, "kind is missing or unknown; README.md lists them");
        return -EINVAL;
    }

    fault->count = 1;
    fault->handled = fault->kind->handled;
    fault->description = json_object_get(description);
    if (json_read(description, table, JSON_UNKNOWN_REFUSED, fault, &field) < 0) {
        snprintf(problem, problem_size, "%s is unknown or has the wrong type", field);
        return -EINVAL;
    }
    why = range_problem(fault);
    if (why) {
        snprintf(problem, problem_size, "%s", why);
        return -EINVAL;
    }
    return 0;
}

int faults_add(struct faults *faults, struct json_object *description, char *problem,
    size_t problem_size, const struct fault **ret)
{
    _cleanup_(fault_unrefp) struct fault *fault = NULL;
    int r;

    if (faults->n >= FAULTS_MAX) {
        snprintf(problem, problem_size, "there are %d faults already", FAULTS_MAX);
        return -EINVAL;
    }
    fault = calloc(1, sizeof(*fault));
    if (!fault)
        return -ENOMEM;
    fault->references = 1;
    r = read_description(fault, description, problem, problem_size);
    if (r < 0)
        return r;
    fault->id = ++faults->last_id;

    TAILQ_INSERT_TAIL(&faults->list, fault, link);
    faults->n++;
    *ret = TAKE_PTR(fault);
    return 0;
}

struct json_object *fault_describe(const struct fault *fault)
{
    if (json_add_integer(fault->description, "id", fault->id) < 0 ||
        json_add_integer(fault->description, "remaining", fault->count) < 0)
        return NULL;
    return json_object_get(fault->description);
}

struct json_object *faults_describe(const struct faults *faults)
{
    _cleanup_json_ struct json_object *array = json_object_new_array();
    const struct fault *fault;

    if (!array)
        return NULL;
    TAILQ_FOREACH(fault, &faults->list, link)
    {
        struct json_object *object = fault_describe(fault);
        if (!object || json_object_array_add(array, object) < 0) {
            json_object_put(object);
            return NULL;
        }
    }
    return TAKE_PTR(array);
}

int64_t faults_clock_offset(const struct faults *faults)
{
    int64_t offset = 0;
    const struct fault *fault;

    TAILQ_FOREACH(fault, &faults->list, link)
    {
        if (fault->kind->scope == FAULT_CLOCK)
            offset = fault->offset_seconds; /* the last one counts */
    }
    return offset;
}

/* Without a path a fault is for the calls of programs; the browser's is hit only when named. */
static bool fault_matches(
    const struct fault *fault, const char *method, const char *path, bool needs_key)
{
    if (fault->method && !streq(fault->method, method))
        return false;
    if (!fault->path)
        return needs_key;

    const char *wanted = api_path(fault->path) ? api_path(fault->path) : fault->path;
    return strncmp(path, wanted, strlen(wanted)) == 0;
}

static void use_up(struct faults *faults, struct fault *fault)
{
    if (fault->count > 0 && --fault->count == 0)
        forget(faults, fault);
}

struct fault_effect faults_take(
    struct faults *faults, const char *method, const char *path, bool needs_key)
{
    struct fault_effect effect = {0};
    struct fault *fault, *next;

    for (fault = TAILQ_FIRST(&faults->list); fault; fault = next) {
        next = TAILQ_NEXT(fault, link);
        if (fault->kind->scope == FAULT_CLOCK || !fault_matches(fault, method, path, needs_key))
            continue;
        if (fault->kind->scope == FAULT_DELAY) {
            effect.delay_usec += fault->ms * USEC_PER_MSEC;
            use_up(faults, fault);
        } else if (!effect.fault) {
            effect.fault = fault;
            fault->references++;
            use_up(faults, fault);
        }
    }
    return effect;
}
