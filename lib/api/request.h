/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Requests to Airstore, built but not sent. Pure: no I/O, no curl. The blocking client of
 * libairstore and the daemon's loop send the same requests. Facts: the Airstore API, as described
 * at the head of lib/airstore.h.
 */

#include <json-c/json.h>
#include <stdbool.h>

#define API_DEFAULT_BASE_URL "https://api.airstore.ai/api/v1"

struct api_request {
    const char *method; /* "GET", "POST" or "DELETE": static */
    char *url;
    char *body; /* JSON, or NULL; may hold credentials, so it is erased */
};

/* What connections are made of when no browser is involved. */
struct api_credentials {
    const char *access_token, *refresh_token, *api_key, *scope; /* each may be NULL */
    struct json_object *extra;                                  /* NULL, or an object of strings */
};

void api_request_clear(struct api_request *request);
#define _cleanup_api_request_ _cleanup_(api_request_clear)

/*
 * Each fills *ret, which api_request_clear() empties. base_url is one that api_base_url() returned.
 * Returns 0, -ENOMEM, or -EINVAL when an argument cannot be put into a request: it is empty, not
 * UTF-8, or the integration type has characters other than [a-z0-9_-].
 */
int api_request_create_session(const char *base_url, const char *integration_type,
    const char *workspace_id_or_null, const char *return_to_or_null, struct api_request *ret);
int api_request_get_session(const char *base_url, const char *session_id, struct api_request *ret);
int api_request_create_connection(const char *base_url, const char *workspace_id,
    const char *integration_type, const struct api_credentials *credentials,
    struct api_request *ret);
int api_request_list_connections(
    const char *base_url, const char *workspace_id, struct api_request *ret);
int api_request_delete_connection(const char *base_url, const char *workspace_id,
    const char *connection_id, struct api_request *ret);

/* Whether people and programs may give this as the ID of something: it always fits into a request,
 * and has neither blanks nor control characters. */
bool api_id_is_plain(const char *id);

/*
 * The base URL as it is used: without trailing slashes, and neither query nor fragment. Returns 0
 * and a string that the caller frees; -ENOMEM; or -EINVAL with the reason, a static text that fits
 * behind "the URL ", in *ret_problem.
 */
int api_base_url(const char *url, char **ret, const char **ret_problem);
