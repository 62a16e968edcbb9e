/* SPDX-License-Identifier: MIT */
#pragma once

/* The Airstore API under API_PREFIX: routes, keys, workspaces, the envelope, the exact errors. */

#include "tests/sandbox/http.h"
#include "tests/sandbox/sandbox.h"

#include <stdbool.h>

/* What follows API_PREFIX in the path; NULL when the path is elsewhere. */
const char *api_path(const char *path);

/* Whether programs call it, with a key; the callback is the browser's. */
bool api_path_needs_key(const char *api_path);

/* Answers everything under API_PREFIX. */
int api_answer(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply);

/* A failure in the envelope of the API. */
int api_write_error(struct http_reply *reply, unsigned status, const char *error);
