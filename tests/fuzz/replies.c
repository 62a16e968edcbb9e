/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/replies.h"

#include "lib/api/error.h"
#include "lib/api/retry.h"
#include "lib/base/json-scan.h"
#include "lib/base/timestamp.h"
#include "lib/base/url.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#define ID_MAX 512

static void headers_are_sane(const struct api_reply *reply)
{
    HOLDS(reply->status >= 0 && reply->status <= 999);
    HOLDS(reply->retry_after_usec >= -1 && reply->retry_after_usec <= 60 * USEC_PER_MINUTE);
    HOLDS(strnlen(reply->request_id, API_REQUEST_ID_SIZE) < API_REQUEST_ID_SIZE);
    for (const char *c = reply->request_id; *c; c++)
        HOLDS(*c > 0x20 && *c < 0x7f);
}

static void is_an_error(int r, struct api_error *error, const struct api_reply *reply)
{
    HOLDS(r == -EBADMSG || r == -EREMOTEIO);
    HOLDS(error->class != API_ERROR_NONE && error->class != API_ERROR_MEMORY);
    HOLDS((r == -EBADMSG) == (error->class == API_ERROR_INVALID_REPLY));
    HOLDS(error->message && *error->message);
    HOLDS(strlen(error->message) <= API_MESSAGE_LENGTH_MAX);
    HOLDS(!fuzz_has_controls(error->message));
    HOLDS(json_scan_is_utf8(error->message, strlen(error->message)));
    HOLDS(error->retry_after_usec == reply->retry_after_usec);
    HOLDS(streq(error->request_id, reply->request_id));
    for (unsigned i = 0; i < 12; i++) {
        int64_t delay = api_retry_delay_usec(i, error->retry_after_usec, UINT32_MAX / (i + 1));
        HOLDS(delay >= 0 && delay <= 60 * USEC_PER_MINUTE);
        HOLDS(error->retry_after_usec >= 0 || delay <= API_RETRY_MAX_USEC);
    }
    if (api_error_is_retried(error))
        HOLDS(api_error_is_transient(error));
    HOLDS(api_error_class_name(error->class));
    api_error_clear(error);
}

static void is_an_id(const char *id)
{
    HOLDS(id && *id && strlen(id) <= ID_MAX && !fuzz_has_controls(id));
}

static void is_a_connection(const struct api_connection *connection)
{
    is_an_id(connection->connection_id);
    is_an_id(connection->workspace_id);
    is_an_id(connection->integration_type);
    HOLDS(!connection->profile);
    HOLDS(!connection->scope || !fuzz_has_controls(connection->scope));
    HOLDS(connection->expires_at_usec >= -1 && connection->created_at_usec >= -1 &&
          connection->updated_at_usec >= -1);
}

static void read_created_session(const struct api_reply *reply)
{
    struct api_created_session created = {0};
    struct api_error error = {0};
    int r = api_parse_created_session(reply, &created, &error);

    if (r < 0) {
        HOLDS(!created.session_id && !created.authorize_url);
        is_an_error(r, &error, reply);
        return;
    }
    HOLDS(error.class == API_ERROR_NONE);
    is_an_id(created.session_id);
    HOLDS(!url_problem(created.authorize_url));
    api_created_session_clear(&created);
}

static void read_session(const struct api_reply *reply)
{
    struct api_session session = {0};
    struct api_error error = {0};
    int r = api_parse_session(reply, &session, &error);

    if (r < 0) {
        HOLDS(!session.connection_id && !session.error);
        is_an_error(r, &error, reply);
        return;
    }
    HOLDS((session.status == API_SESSION_COMPLETE) == (session.connection_id != NULL));
    HOLDS((session.status == API_SESSION_ERROR) == (session.error != NULL));
    if (session.connection_id)
        is_an_id(session.connection_id);
    if (session.error)
        HOLDS(*session.error && !fuzz_has_controls(session.error));
    api_session_clear(&session);
}

static void read_connection(const struct api_reply *reply)
{
    struct api_connection connection = {0};
    struct api_error error = {0};
    int r = api_parse_connection(reply, &connection, &error);

    if (r < 0) {
        HOLDS(!connection.connection_id);
        is_an_error(r, &error, reply);
        return;
    }
    is_a_connection(&connection);
    api_connection_clear(&connection);
}

static void read_connections(const struct api_reply *reply)
{
    struct api_connections connections = {0};
    struct api_error error = {0};
    int r = api_parse_connections(reply, &connections, &error);

    if (r < 0) {
        HOLDS(!connections.items && connections.n == 0);
        is_an_error(r, &error, reply);
        return;
    }
    for (size_t i = 0; i < connections.n; i++)
        is_a_connection(&connections.items[i]);
    api_connections_clear(&connections);
}

void reply_is_sound(const struct api_reply *reply)
{
    struct api_error error = {0};

    headers_are_sane(reply);
    read_created_session(reply);
    read_session(reply);
    read_connection(reply);
    read_connections(reply);
    int r = api_parse_success(reply, &error);
    if (r < 0)
        is_an_error(r, &error, reply);
}
