/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Replies of Airstore, received and now understood. Pure: no I/O, no curl. Whoever does the
 * transfer fills an api_reply, header by header and byte by byte; the parsers below turn it into
 * values or into an error that says what went wrong.
 */

#include "lib/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Larger replies are refused. */
#define API_BODY_MAX ((size_t)1024 * 1024)
#define API_HEADERS_MAX ((size_t)64 * 1024)
#define API_REQUEST_ID_SIZE 128

enum api_error_class {
    API_ERROR_NONE,
    API_ERROR_BAD_REQUEST,    /* any 4xx that has no class of its own */
    API_ERROR_AUTHENTICATION, /* 401 */
    API_ERROR_PERMISSION,     /* 403 */
    API_ERROR_NOT_FOUND,      /* 404 */
    API_ERROR_CONFLICT,       /* 409 */
    API_ERROR_UNPROCESSABLE,  /* 422 */
    API_ERROR_RATE_LIMIT,     /* 429 */
    API_ERROR_SERVER,         /* 500 and above; also a redirect, which is never followed */
    API_ERROR_INVALID_REPLY,  /* not JSON, a field missing or of the wrong type, too large */
    API_ERROR_CONNECTION,     /* no reply at all */
    API_ERROR_TIMEOUT,        /* no reply in time */
    API_ERROR_CANCELLED,
    API_ERROR_MEMORY,
};

/* What stands between us and a server, where that is known. */
enum api_obstacle {
    API_OBSTACLE_NONE,
    API_OBSTACLE_NAME,        /* nobody knows it */
    API_OBSTACLE_CERTIFICATE, /* is not to be trusted */
    API_OBSTACLE_AUTHORITIES, /* are not installed here: nothing can be trusted */
    API_OBSTACLE_TLS,         /* it does not speak TLS as we do */
};

/* What a transfer brought. Zero-initialise, with both times -1 (API_REPLY_INIT). */
struct api_reply {
    enum api_error_class transport; /* API_ERROR_NONE when a status arrived, else CONNECTION,
                                       TIMEOUT, CANCELLED, INVALID_REPLY … */
    char transport_text[256];       /* what curl said; without URLs or credentials */
    enum api_obstacle obstacle;
    int64_t certificate_expires_usec; /* -1 unless it was asked for and there is one */
    int status;                       /* of HTTP */
    struct buffer body;
    size_t headers_size;
    char request_id[API_REQUEST_ID_SIZE]; /* "" when there is none; printable ASCII only */
    int64_t retry_after_usec;             /* -1 when the server named none */
    int64_t date_usec;                    /* the server's own clock, -1 when it named none */
};
#define API_REPLY_INIT                                                                             \
    {                                                                                              \
        .certificate_expires_usec = -1, .retry_after_usec = -1, .date_usec = -1, .body = {         \
            .limit = API_BODY_MAX                                                                  \
        }                                                                                          \
    }

/*
 * One header line as it came, with or without its line end. Returns 0, or -EMSGSIZE when there are
 * too many: stop the transfer. A line "HTTP/…" starts over, as after an interim reply.
 */
int api_reply_header(struct api_reply *reply, const char *line, size_t size);
void api_reply_clear(struct api_reply *reply);
#define _cleanup_api_reply_ _cleanup_(api_reply_clear)

struct api_error {
    enum api_error_class class;
    int status;    /* of HTTP, 0 when there was none */
    char *message; /* for people; control characters replaced. NULL only without memory */
    char request_id[API_REQUEST_ID_SIZE];
    int64_t retry_after_usec; /* -1 when the server named none */
};
void api_error_clear(struct api_error *error);
#define _cleanup_api_error_ _cleanup_(api_error_clear)

/*
 * Each returns 0 and fills *ret (which the matching _clear() empties); or a negative errno, with
 * *ret_error filled (which api_error_clear() empties): -EBADMSG for an invalid reply, -ENOMEM, and
 * -EREMOTEIO for everything else; the class tells it apart.
 */

struct api_created_session {
    char *session_id, *authorize_url; /* the URL is checked by url_problem() already */
};
int api_parse_created_session(
    const struct api_reply *reply, struct api_created_session *ret, struct api_error *ret_error);
void api_created_session_clear(struct api_created_session *session);

enum api_session_status { API_SESSION_PENDING, API_SESSION_COMPLETE, API_SESSION_ERROR };
struct api_session {
    enum api_session_status status;
    char *connection_id; /* set when complete */
    char *error;         /* set when failed; control characters replaced */
};
int api_parse_session(
    const struct api_reply *reply, struct api_session *ret, struct api_error *ret_error);
void api_session_clear(struct api_session *session);

struct api_connection {
    char *connection_id; /* Airstore's external_id */
    char *workspace_id, *integration_type;
    char *profile; /* for whoever keeps connections of several API keys; no reply sets it */
    char *scope;   /* NULL when unknown */
    int64_t expires_at_usec, created_at_usec, updated_at_usec; /* -1 when unknown */
};
int api_parse_connection(
    const struct api_reply *reply, struct api_connection *ret, struct api_error *ret_error);
void api_connection_clear(struct api_connection *connection);

/*
 * Entries of a list that make no sense are left out, so that the others can be used; a list of
 * nothing else is an invalid reply.
 */
struct api_connections {
    struct api_connection *items;
    size_t n;
    char **unreadable; /* the IDs of those left out */
    size_t n_unreadable;
    size_t n_nameless;        /* more of them, whose IDs are not known either */
    struct api_error problem; /* what was wrong with the first; its class is API_ERROR_NONE when
                                 there is none */
};
int api_parse_connections(
    const struct api_reply *reply, struct api_connections *ret, struct api_error *ret_error);
void api_connections_clear(struct api_connections *connections);

/* For a reply of which only success matters. */
int api_parse_success(const struct api_reply *reply, struct api_error *ret_error);
/* The same, but what came with success is not looked at: nothing is to be done twice for a long
 * list. */
int api_check_status(const struct api_reply *reply, struct api_error *ret_error);

/* What an error, or that there was none, says of the API key that was sent. That something is not
 * found is told to those only who may look. */
enum api_key_verdict { API_KEY_UNDECIDED, API_KEY_ACCEPTED, API_KEY_REFUSED };
enum api_key_verdict api_error_key_verdict(const struct api_error *error);

/* "not found" and the like: a static text for each class. */
const char *api_error_class_name(enum api_error_class class);
