/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One request on a curl handle: everything about HTTP that the blocking client and the daemon's
 * loop share, so that there is one place where limits, time-outs, TLS and the handling of the key
 * are decided.
 */

#include "lib/api/request.h"
#include "lib/api/response.h"

#include <curl/curl.h>
#include <stdbool.h>

struct transfer_options {
    const char *api_key;              /* NULL: no Authorization header */
    int64_t timeout_usec;             /* for the whole transfer; 0: none */
    const char *const *extra_headers; /* "Name: value", ended by NULL; or NULL */
    const char *user_agent;
    bool certificate; /* how long it is valid, is of interest: over a connection of its own */
};

/* Opaque. Owns its curl handle and the reply. */
struct transfer;

/*
 * Prepares a handle for the request; nothing is sent yet. The request and the options are copied.
 * Returns 0, -ENOMEM, or -EINVAL when the key or a header contains control characters.
 * curl_global_init() has been called.
 */
int transfer_new(const struct api_request *request, const struct transfer_options *options,
    struct transfer **ret);

/* The handle to add to a multi handle. CURLOPT_PRIVATE is free for the caller. */
CURL *transfer_handle(struct transfer *transfer);

/* To be called once curl is done, with its verdict: completes the reply, which stays owned by the
 * transfer. */
struct api_reply *transfer_finish(struct transfer *transfer, CURLcode result);

/* The handle must not be in a multi handle any more. Returns NULL. */
struct transfer *transfer_free(struct transfer *transfer);
