/* SPDX-License-Identifier: MIT */
#pragma once

/* All that the sandbox knows. The server owns it and hands it to whoever answers a request. */

#include "tests/sandbox/sessions.h"

#include <stdbool.h>

#define API_PREFIX "/api/v1"
#define CONSENT_PREFIX "/consent"
#define CONTROL_PREFIX "/sandbox"

/* Where workspace keys belong. */
#define DEFAULT_WORKSPACE "ws_default"

struct sandbox_options {
    unsigned short port; /* 0: any */
    const char *api_key;
    struct session_lifetimes lifetimes;
    bool workspace_numbers;
};

struct sandbox {
    const char *api_key;
    char *origin; /* "http://127.0.0.1:PORT" */
    struct sessions *sessions;
    struct connections *connections;
    struct faults *faults;
    struct request_log *log;
};
