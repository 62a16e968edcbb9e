/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Requests to Airstore on the loop: curl's multi interface on sd_event. One multi handle, so
 * connections and TLS sessions are used again; curl is not touched before the first request.
 */

#include "lib/api/request.h"
#include "lib/api/response.h"

#include <stdbool.h>
#include <systemd/sd-event.h>

struct http;
struct http_request; /* one that is under way */

/* 0 or -ENOMEM. */
int http_new(sd_event *event, struct http **ret);
/* Requests that are still under way end as cancelled. Returns NULL. */
struct http *http_free(struct http *http);

struct http_options {
    const char *api_key;  /* copied; NULL: sent without */
    int64_t timeout_usec; /* of each try */
    unsigned retries;     /* further tries, by the API's rule (lib/api/retry.h) */
    bool urgent;          /* a person is waiting: goes before others that wait their turn */
    bool certificate;     /* the reply tells how long the server's is valid */
};

/*
 * Sends a request, which is taken over in any case. The handler runs once, from the loop, with a
 * reply that lives as long as the handler runs; unless the request was cancelled before.
 * *ret_or_null is valid until then. 0 or negative errno, and the handler will not run.
 */
int http_send(struct http *http, struct api_request *request, const struct http_options *options,
    void (*handler)(const struct api_reply *reply, void *userdata), void *userdata,
    struct http_request **ret_or_null);

/* Told of each answer to a request that was sent with a key, before the handler of the request: its
 * error, of api_check_status(). */
typedef void (*http_answered)(
    const char *url, const char *api_key, const struct api_error *error, void *userdata);
void http_on_answer(struct http *http, http_answered answered, void *userdata);

/* The network has changed: until Airstore has answered once, connections of before are not used
 * again. */
void http_wake(struct http *http);

/* Returns NULL. NULL is fine. */
struct http_request *http_cancel(struct http_request *request);
