/* SPDX-License-Identifier: MIT */
#pragma once

/* The kinds of faults, and what each does to a reply. Adding one is a line in fault-kinds.c. */

#include "tests/sandbox/faults.h"

enum fault_scope {
    FAULT_REPLY, /* spoils the reply */
    FAULT_DELAY, /* holds the request for a while; several add up */
    FAULT_CLOCK, /* lasts until cleared and belongs to no request */
};

struct fault_kind {
    const char *name;
    enum fault_scope scope;
    bool handled; /* the default of fault.handled */
    int (*apply)(const struct fault *fault, struct http_reply *reply); /* for FAULT_REPLY */
};

/* NULL when there is none of that name. */
const struct fault_kind *fault_kind_find(const char *name);
