/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/request-log.h"

#include "lib/base/json.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <stdio.h>

struct entry {
    char method[8];
    char path[192]; /* cut off when longer */
    int64_t usec;
    unsigned status; /* 0: no reply */
};

struct request_log {
    int64_t first; /* the number of the first request since the log was cleared */
    int64_t last;
    struct entry ring[REQUEST_LOG_ENTRIES]; /* number N stands at N modulo the size */
};

int request_log_new(struct request_log **ret)
{
    struct request_log *log = calloc(1, sizeof(*log));

    if (!log)
        return -ENOMEM;
    log->first = 1;
    *ret = log;
    return 0;
}

struct request_log *request_log_free(struct request_log *log)
{
    free(log);
    return NULL;
}

int64_t request_log_add(struct request_log *log, const char *method, const char *api_path)
{
    int64_t number = ++log->last;
    struct entry *entry = &log->ring[number % REQUEST_LOG_ENTRIES];

    snprintf(entry->method, sizeof(entry->method), "%s", method);
    snprintf(entry->path, sizeof(entry->path), "%s", api_path);
    entry->usec = timestamp_now(CLOCK_REALTIME);
    entry->status = 0;
    return number;
}

static int64_t first_kept(const struct request_log *log)
{
    int64_t first = log->last - REQUEST_LOG_ENTRIES + 1;

    return first > log->first ? first : log->first;
}

void request_log_set_status(struct request_log *log, int64_t number, unsigned status)
{
    if (number >= first_kept(log))
        log->ring[number % REQUEST_LOG_ENTRIES].status = status;
}

void request_log_clear(struct request_log *log)
{
    log->first = log->last + 1;
}

static struct json_object *describe_entry(const struct request_log *log, int64_t number)
{
    const struct entry *entry = &log->ring[number % REQUEST_LOG_ENTRIES];
    _cleanup_json_ struct json_object *object = json_object_new_object();

    if (!object || json_add_integer(object, "number", number) < 0 ||
        json_add_string(object, "method", entry->method) < 0 ||
        json_add_string(object, "path", entry->path) < 0 ||
        json_add_time(object, "time", entry->usec) < 0 ||
        json_add_integer(object, "status", entry->status) < 0)
        return NULL;
    return TAKE_PTR(object);
}

struct json_object *request_log_describe(const struct request_log *log)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();
    _cleanup_json_ struct json_object *array = json_object_new_array();

    if (!object || !array)
        return NULL;
    for (int64_t number = first_kept(log); number <= log->last; number++) {
        struct json_object *entry = describe_entry(log, number);
        if (!entry || json_object_array_add(array, entry) < 0) {
            json_object_put(entry);
            return NULL;
        }
    }
    if (json_add_integer(object, "count", log->last - log->first + 1) < 0 ||
        json_add(object, "requests", TAKE_PTR(array)) < 0)
        return NULL;
    return TAKE_PTR(object);
}
