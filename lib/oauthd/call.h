/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Calls in flight: each has a connection of its own, and another one when the daemon was replaced
 * meanwhile. Owns the handle, the waiting and the dispatching; knows nothing of what the methods
 * mean.
 */

#include "lib/airstore-oauthd.h"
#include "lib/oauthd/parameters.h"

/* The daemon refuses longer calls, and never sends longer replies. */
#define CALL_SIZE_MAX ((size_t)64 * 1024)
#define REPLY_SIZE_MAX ((size_t)1024 * 1024)

struct method {
    const char *name;     /* with its interface */
    const char *required; /* the member that each of its replies has, or NULL */
    bool once;            /* sending it twice could do something twice */
    int64_t timeout_msec; /* of its parameter "timeout" where that is left out; 0: it has none */
};

/* Where the answer goes: back to the caller, who waits, or to a handler. */
struct delivery {
    bool wait;
    struct airstore_oauthd_reply **ret_reply;
    struct airstore_oauthd_error **ret_error;

    airstore_oauthd_handler handler;
    void *userdata;
    struct airstore_oauthd_call **ret_call;
};

/* What airstore_oauthd_set_profile() was told. */
const char *oauthd_profile(const struct airstore_oauthd *oauthd);

/* The method is static. parameters: ended by an entry without a name. Returns as the public
 * functions do. */
int call_method(struct airstore_oauthd *oauthd, const struct method *method, bool more,
    const struct parameter *parameters, const struct delivery *delivery);
