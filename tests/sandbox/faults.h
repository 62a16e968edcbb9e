/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Misbehaviour on demand: a list of faults, each with a kind, the requests it is for, how often it
 * still happens, and what it does. README.md beside this file describes them for those who order
 * them.
 */

#include "tests/sandbox/http.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* More are refused. */
#define FAULTS_MAX 1000

struct fault_kind;

struct fault {
    const struct fault_kind *kind;
    const char *kind_name;
    unsigned references;             /* the list's, and one for each request that it happens to */
    struct json_object *description; /* as it was ordered; owns the strings below */

    const char *path, *method; /* NULL: any */
    int64_t id;
    int64_t count; /* how often it still happens; 0: until cleared */
    bool handled;  /* the request is carried out before its reply is spoilt */

    /* What it does, as far as its kind looks at it. */
    int64_t ms, size, status, offset_seconds;
    const char *retry_after, *retry_after_ms, *error, *body, *content_type;

    TAILQ_ENTRY(fault) link;
};

struct faults;

int faults_new(struct faults **ret);
struct faults *faults_free(struct faults *faults);

/* Adds one as described. Returns 0 with the fault borrowed; -ENOMEM; or -EINVAL, with what is wrong
 * in problem. */
int faults_add(struct faults *faults, struct json_object *description, char *problem,
    size_t problem_size, const struct fault **ret);
void faults_clear(struct faults *faults);
struct json_object *fault_describe(const struct fault *fault);
struct json_object *faults_describe(const struct faults *faults);

/* How far the server's clock is off. */
int64_t faults_clock_offset(const struct faults *faults);

/* What happens to one request: every delay that matches, and the first other fault. */
struct fault_effect {
    int64_t delay_usec;
    struct fault *fault; /* NULL: none; else fault_unref() it */
};
struct fault_effect faults_take(
    struct faults *faults, const char *method, const char *api_path, bool needs_key);

/* Returns NULL. */
struct fault *fault_unref(struct fault *fault);

/* Spoils a reply. 0 or a negative errno. */
int fault_apply(const struct fault *fault, struct http_reply *reply);
