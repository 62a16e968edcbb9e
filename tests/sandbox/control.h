/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What tests tell the sandbox, over HTTP under CONTROL_PREFIX and without a key: faults, the log of
 * requests, and sessions that end as if a person had been there. README.md describes it.
 */

#include "tests/sandbox/http.h"
#include "tests/sandbox/sandbox.h"

int control_answer(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply);
