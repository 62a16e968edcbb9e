/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The inside of libairstore's client: one request with or without retries, waiting that can be
 * cancelled, and the error objects. What programs see is lib/airstore.h.
 */

#include "lib/airstore.h"
#include "lib/api/transfer.h"

#include <curl/curl.h>
#include <stdatomic.h>

struct airstore_client {
    CURLM *multi;
    atomic_bool cancelled; /* the one member that other threads write */
    char *base_url;
    char *api_key;  /* NULL: none */
    char **headers; /* "Name: value", ended by NULL; or NULL */
    size_t n_headers;
    uint32_t timeout_ms;
    unsigned retries;
};

DEFINE_CLEANUP(struct transfer *, transfer_free);

/*
 * Sends the request once. The answer, which came with a status of success, is the caller's to
 * parse; it lives as long as the transfer. Returns 0, or a negative errno with *ret_error filled.
 * deadline_usec: of CLOCK_BOOTTIME, the attempt ends by then. INT64_MAX: none.
 */
int client_attempt(struct airstore_client *client, const struct api_request *request,
    int64_t deadline_usec, struct transfer **ret, struct api_reply **ret_reply,
    struct api_error *ret_error);

/*
 * The same by the retry rule. built: what building the request returned; when that is an error,
 * it is passed on. Returns what the public functions return.
 */
int client_call(struct airstore_client *client, int built, const struct api_request *request,
    struct transfer **ret, struct api_reply **ret_reply, airstore_error **ret_error);

/* Whether a call can begin: a key is there, and the request was built. */
int client_check(const struct airstore_client *client, int built, airstore_error **ret_error);

/* Returns 0 when the time is over, -ECANCELED as soon as the client is cancelled. */
int client_wait(struct airstore_client *client, int64_t usec);

/* For the jitter of the retry rule. */
uint32_t client_random(void);

/* Each makes an error object, if it is wanted, and returns the errno of its class. */
int client_fail(const struct api_error *error, airstore_error **ret_error);
int client_fail_text(
    airstore_error_class class, airstore_error **ret_error, const char *format, ...) _printf_(3, 4);
int client_fail_memory(airstore_error **ret_error);
