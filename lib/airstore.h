/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libairstore: the Airstore API in C. OAuth sessions (create one, send the person to its
 * authorize_url, poll until they have approved) and the connections of a workspace (create, list,
 * delete). Every function blocks; programs that want no network code and no API key of their own
 * ask airstore-oauthd instead (airstore-oauthd.h).
 *
 *     airstore_client *client;
 *     airstore_session *session, *approved;
 *
 *     airstore_client_new(&client, NULL);              // key from $AIRSTORE_API_KEY
 *     airstore_create_session(client, "gmail", NULL, NULL, &session, NULL);
 *     printf("Open %s\n", session->authorize_url);
 *     airstore_poll(client, session->session_id, AIRSTORE_POLL_TIMEOUT_MS,
 *         AIRSTORE_POLL_INTERVAL_MS, &approved, NULL);
 *     printf("%s\n", approved->connection_id);
 *
 * Names and behaviour are those of Airstore's public documentation and of its official SDK for
 * TypeScript, version 0.1.8; where this library differs from the SDK, the comment says so.
 *
 * Results and errors. Functions that can fail return 0 or a negative errno. On failure nothing is
 * written to the result, and *ret_error, where ret_error is not NULL, is an error object that the
 * caller frees. On success *ret_error is not touched. All results are owned by the caller and freed
 * by the function named with their type; they do not depend on the client. All _free functions
 * accept NULL and return NULL. Strings are UTF-8; what came from Airstore and is meant for people
 * has its control characters replaced by blanks. Durations are in milliseconds, points in time in
 * microseconds since 1970 (UTC).
 *
 * Threads. A client serves one call at a time; use one a thread. airstore_client_cancel() alone may
 * be called from any thread, while a call is under way. The library sets up libcurl with
 * curl_global_init() when the first client is made and never undoes that. It installs no signal
 * handler, prints nothing, and starts no thread (libcurl may, to look up names).
 *
 * The API key is sent in the Authorization header, over https or to this machine only. It is in no
 * error text, and copies of it that the library made are erased before their memory is freed.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* How long to wait for an answer, all of the answer included. */
#define AIRSTORE_TIMEOUT_MS 60000
/* How often a request is sent again that failed in a way that may pass. */
#define AIRSTORE_RETRIES 2
/* How long airstore_poll() waits for the person, and how long between two questions. */
#define AIRSTORE_POLL_TIMEOUT_MS 300000
#define AIRSTORE_POLL_INTERVAL_MS 2000

/* --- Errors --- */

typedef enum airstore_error_class {
    AIRSTORE_ERROR_BAD_REQUEST = 1,   /* -EREMOTEIO: any 4xx without a class of its own, and
                                         "success": false */
    AIRSTORE_ERROR_AUTHENTICATION,    /* -EREMOTEIO: 401, the key is not accepted */
    AIRSTORE_ERROR_PERMISSION,        /* -EREMOTEIO: 403 */
    AIRSTORE_ERROR_NOT_FOUND,         /* -EREMOTEIO: 404 */
    AIRSTORE_ERROR_CONFLICT,          /* -EREMOTEIO: 409 */
    AIRSTORE_ERROR_UNPROCESSABLE,     /* -EREMOTEIO: 422 */
    AIRSTORE_ERROR_RATE_LIMIT,        /* -EREMOTEIO: 429 */
    AIRSTORE_ERROR_SERVER,            /* -EREMOTEIO: 500 and above, and redirects, which are not
                                         followed */
    AIRSTORE_ERROR_INVALID_REPLY,     /* -EBADMSG: not JSON, a field missing, larger than 1 MiB */
    AIRSTORE_ERROR_CONNECTION,        /* -EHOSTUNREACH: no connection, or it broke */
    AIRSTORE_ERROR_TIMEOUT,           /* -ETIMEDOUT: no answer in time */
    AIRSTORE_ERROR_CANCELLED,         /* -ECANCELED: airstore_client_cancel() */
    AIRSTORE_ERROR_MEMORY,            /* -ENOMEM */
    AIRSTORE_ERROR_INVALID_ARGUMENT,  /* -EINVAL: refused here, nothing was sent */
    AIRSTORE_ERROR_SESSION_FAILED,    /* -ECONNREFUSED: the person or the provider said no */
    AIRSTORE_ERROR_SESSION_TIMED_OUT, /* -ETIME: nobody approved while airstore_poll() waited */
} airstore_error_class;

typedef struct airstore_error airstore_error;

airstore_error *airstore_error_free(airstore_error *error);

airstore_error_class airstore_error_get_class(const airstore_error *error);
/* The status of HTTP, 0 when there was no answer. */
int airstore_error_get_status(const airstore_error *error);
/* For people; never NULL. Lives as long as the error. */
const char *airstore_error_get_message(const airstore_error *error);
/* The header x-request-id, for Airstore's support. NULL when there was none. Lives as long as the
 * error. */
const char *airstore_error_get_request_id(const airstore_error *error);

/* --- The client --- */

typedef struct airstore_client airstore_client;

/*
 * A client with the key of $AIRSTORE_API_KEY and the base URL of $AIRSTORE_BASE_URL, each when set
 * and not empty, else without a key and with https://api.airstore.ai/api/v1. Both are read here and
 * not again. -EINVAL when one of them cannot be used.
 */
int airstore_client_new(airstore_client **ret, airstore_error **ret_error);

/* No call may be under way. */
airstore_client *airstore_client_free(airstore_client *client);

/*
 * Options, which hold for all later calls. Strings are copied.
 *
 * The base URL must begin with https://, or lead to this very machine by http://; paths are
 * appended to it, and slashes at its end do not matter. -EINVAL otherwise, and the old one is kept.
 */
int airstore_client_set_base_url(
    airstore_client *client, const char *base_url, airstore_error **ret_error);
/* Any text without control characters: -EINVAL otherwise. NULL: none, and calls fail with -EINVAL.
 */
int airstore_client_set_api_key(airstore_client *client, const char *api_key_or_null);
/* For each attempt by itself. AIRSTORE_TIMEOUT_MS unless set; 0: without end. */
void airstore_client_set_timeout(airstore_client *client, uint32_t timeout_ms);
/* AIRSTORE_RETRIES unless set; 0: each request is sent once. */
void airstore_client_set_retries(airstore_client *client, unsigned retries);
/* A header sent with every request. -EINVAL when the name is not a token of HTTP, or the value has
 * control characters, or the header is one that the library sends itself. */
int airstore_client_add_header(airstore_client *client, const char *name, const char *value);

/*
 * Makes the call under way, and every later one, fail with -ECANCELED: at once, whether it is
 * connecting, waiting for an answer, or pausing before a retry or the next question of a poll.
 * Whether the server has acted on a request that was cancelled is not known. May be called from any
 * thread and more than once, but not from a signal handler.
 *
 * It stays so, in order that no call slips through that begins just after; to use the client again,
 * call airstore_client_reset() when no other thread is about to cancel.
 */
void airstore_client_cancel(airstore_client *client);
void airstore_client_reset(airstore_client *client);

/*
 * Retries, for all calls but airstore_poll(). A request is sent again after 408, 409, 429, 500,
 * 502, 503, 504, and when there was no connection or no answer in time: after 500 ms, doubled each
 * time, plus up to half of that at random, at most 8 s; or after what the server asked for
 * (Retry-After-Ms or Retry-After). Unlike the SDK, time-outs are retried too, and a call whose
 * server asks for more patience than a minute does not wait but fails.
 */

/* --- OAuth sessions --- */

typedef enum airstore_session_status {
    AIRSTORE_SESSION_PENDING,
    AIRSTORE_SESSION_COMPLETE,
    AIRSTORE_SESSION_ERROR,
} airstore_session_status;

/* The library alone makes these, so that later versions can append members. */
typedef struct airstore_session {
    char *session_id;
    char *authorize_url; /* where to send the person; of airstore_create_session() only, else NULL.
                            https, or http to this machine. Whoever opens it acts for the person */
    airstore_session_status status;
    char *connection_id; /* when complete, else NULL */
    char *error;         /* what the provider said, when failed, else NULL */
} airstore_session;

airstore_session *airstore_session_free(airstore_session *session);

/*
 * POST /oauth/sessions. workspace_id: needed with a key of an organisation, NULL when the key says
 * it. return_to: where the browser goes after success, an http(s) URL or a path; NULL: a page of
 * Airstore's. The server forgets the session after 10 minutes, 30 seconds after it completed, or 2
 * minutes after it failed.
 */
int airstore_create_session(airstore_client *client, const char *integration_type,
    const char *workspace_id_or_null, const char *return_to_or_null, airstore_session **ret,
    airstore_error **ret_error);

/* GET /oauth/sessions/ID, once. A session that failed is a result, not an error. */
int airstore_get_session(airstore_client *client, const char *session_id, airstore_session **ret,
    airstore_error **ret_error);

/*
 * Asks every interval_ms until the session is complete, and returns it then. Fails with "OAuth
 * session failed: …" (AIRSTORE_ERROR_SESSION_FAILED), or with "OAuth session timed out after Nms"
 * (AIRSTORE_ERROR_SESSION_TIMED_OUT) when timeout_ms have passed, the time that the machine slept
 * included. A timeout of 0 fails without asking; an interval below 100 counts as 100.
 *
 * Unlike in the SDK, a question that fails in a way that may pass (no network, 429, 5xx, a reply
 * that makes no sense) does not end the poll: the next one is asked after the interval, or after
 * what the retry rule says where that is longer. The number of retries has no say here. And no
 * question outlasts timeout_ms.
 */
int airstore_poll(airstore_client *client, const char *session_id, uint32_t timeout_ms,
    uint32_t interval_ms, airstore_session **ret, airstore_error **ret_error);

/* --- Connections --- */

/* The library alone makes these, so that later versions can append members. */
typedef struct airstore_connection {
    char *connection_id; /* "external_id" in the API */
    char *workspace_id;
    char *integration_type;
    char *scope;             /* NULL when unknown */
    int64_t expires_at_usec; /* these three are -1 when unknown */
    int64_t created_at_usec;
    int64_t updated_at_usec;
} airstore_connection;

airstore_connection *airstore_connection_free(airstore_connection *connection);

typedef struct airstore_connections {
    airstore_connection **items;
    size_t n;
} airstore_connections;

/* Frees the items too. */
airstore_connections *airstore_connections_free(airstore_connections *connections);

/* An array of these ends with one whose name is NULL. */
typedef struct airstore_extra {
    const char *name, *value;
} airstore_extra;

/* What the caller holds already. Members that are NULL are not sent; Airstore wants an access token
 * or an API key. Nothing is kept after the call. */
typedef struct airstore_credentials {
    const char *access_token;
    const char *refresh_token;
    const char *api_key; /* of the integration, not of Airstore */
    const char *scope;
    const airstore_extra *extra;
} airstore_credentials;

/* POST /workspaces/ID/connections. A workspace has one connection per integration type: the old one
 * is renewed and keeps its ID. */
int airstore_create_connection(airstore_client *client, const char *workspace_id,
    const char *integration_type, const airstore_credentials *credentials,
    airstore_connection **ret, airstore_error **ret_error);

/* GET /workspaces/ID/connections. */
int airstore_list_connections(airstore_client *client, const char *workspace_id,
    airstore_connections **ret, airstore_error **ret_error);

/* DELETE /workspaces/ID/connections/ID. */
int airstore_delete_connection(airstore_client *client, const char *workspace_id,
    const char *connection_id, airstore_error **ret_error);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
