/* SPDX-License-Identifier: MIT */
#include "lib/api/response.h"

#include "lib/api/error.h"
#include "lib/base/control.h"
#include "lib/base/json.h"
#include "lib/base/timestamp.h"
#include "lib/base/url.h"

#include <errno.h>
#include <stdio.h>

/* No ID of Airstore's comes near this. */
#define ID_LENGTH_MAX 512

/* A successful reply, taken out of its envelope: {"success": true, "data": …}, or none at all. */
struct content {
    struct json_object *root; /* owned */
    struct json_object *data; /* borrowed; NULL when there is none */
    const char *where;        /* for error texts, before the name of a member: "data." or "" */
};

static void content_clear(struct content *content)
{
    json_object_put(content->root);
}

static int open_envelope(
    const struct api_reply *reply, struct content *content, struct api_error *ret_error)
{
    struct json_object *success = NULL, *data = NULL;

    content->data = content->root;
    content->where = "";
    if (!json_object_is_type(content->root, json_type_object))
        return 0;

    json_object_object_get_ex(content->root, "success", &success);
    if (success && !json_object_is_type(success, json_type_boolean))
        return api_fail(reply, API_ERROR_INVALID_REPLY, ret_error,
            "success in Airstore's reply has the wrong type");
    if (success && !json_object_get_boolean(success))
        return api_fail_status(reply, content->root, ret_error);
    if (json_object_object_get_ex(content->root, "data", &data) || success) {
        content->data = data;
        content->where = "data.";
    }
    return 0;
}

static bool has_success(const struct api_reply *reply)
{
    return reply->transport == API_ERROR_NONE && reply->status >= 200 && reply->status < 300;
}

static int open_reply(
    const struct api_reply *reply, struct content *ret, struct api_error *ret_error)
{
    _cleanup_(content_clear) struct content content = {0};
    const struct buffer *body = &reply->body;
    int r = 0;

    if (reply->transport != API_ERROR_NONE)
        return api_fail_transport(reply, ret_error);

    if (body->size > 0)
        r = json_parse(body->data, body->size, &content.root);
    if (r == -ENOMEM)
        return api_fail_memory(reply, ret_error);
    if (!has_success(reply))
        return api_fail_status(reply, content.root, ret_error);
    if (r < 0)
        return api_fail(reply, API_ERROR_INVALID_REPLY, ret_error, "Airstore's reply is not JSON");
    r = open_envelope(reply, &content, ret_error);
    if (r < 0)
        return r;
    *ret = content;
    content.root = NULL;
    return 0;
}

/* The name of the place without its full stop, for when the place itself is wrong. */
static int fail_type(const struct api_reply *reply, const char *where, const char *wanted,
    struct api_error *ret_error)
{
    int length = (int)strlen(where) - 1;

    if (length <= 0)
        return api_fail(
            reply, API_ERROR_INVALID_REPLY, ret_error, "Airstore's reply is not %s", wanted);
    return api_fail(reply, API_ERROR_INVALID_REPLY, ret_error, "%.*s in Airstore's reply is not %s",
        length, where, wanted);
}

static int read_object(const struct api_reply *reply, struct json_object *object, const char *where,
    const struct json_field *table, void *target, struct api_error *ret_error)
{
    struct json_object *value = NULL;
    const char *field;

    if (object && !json_object_is_type(object, json_type_object))
        return fail_type(reply, where, "an object", ret_error);
    if (json_read(object, table, JSON_UNKNOWN_IGNORED, target, &field) >= 0)
        return 0;
    if (object && json_object_object_get_ex(object, field, &value) && value)
        return api_fail(reply, API_ERROR_INVALID_REPLY, ret_error,
            "%s%s in Airstore's reply has the wrong type", where, field);
    return api_fail(
        reply, API_ERROR_INVALID_REPLY, ret_error, "Airstore's reply lacks %s%s", where, field);
}

/* The members may also stand in the envelope itself, beside "success". */
static int read_content(const struct api_reply *reply, const struct content *content,
    const struct json_field *table, void *target, struct api_error *ret_error)
{
    return read_object(reply, content->data ? content->data : content->root, content->where, table,
        target, ret_error);
}

/* What is kept, compared and printed by scripts must not be empty, endless, or move a cursor. */
static int check_id(const struct api_reply *reply, const char *where, const char *field,
    const char *id, struct api_error *ret_error)
{
    if (!id || *id == '\0')
        return api_fail(
            reply, API_ERROR_INVALID_REPLY, ret_error, "Airstore's reply lacks %s%s", where, field);
    if (strlen(id) > ID_LENGTH_MAX)
        return api_fail(reply, API_ERROR_INVALID_REPLY, ret_error,
            "%s%s in Airstore's reply is longer than %d bytes", where, field, ID_LENGTH_MAX);
    for (const char *c = id; *c != '\0'; c++) {
        if (control_length(c) > 0)
            return api_fail(reply, API_ERROR_INVALID_REPLY, ret_error,
                "%s%s in Airstore's reply contains control characters", where, field);
    }
    return 0;
}

struct created_session_fields {
    const char *session_id, *authorize_url;
};

int api_parse_created_session(
    const struct api_reply *reply, struct api_created_session *ret, struct api_error *ret_error)
{
    static const struct json_field table[] = {
        {"session_id", JSON_IDENTIFIER, offsetof(struct created_session_fields, session_id), true},
        {"authorize_url", JSON_STRING, offsetof(struct created_session_fields, authorize_url),
            true},
        {0},
    };
    struct created_session_fields fields = {0};
    _cleanup_(content_clear) struct content content = {0};
    _cleanup_(api_created_session_clear) struct api_created_session session = {0};

    int r = open_reply(reply, &content, ret_error);
    if (r >= 0)
        r = read_content(reply, &content, table, &fields, ret_error);
    if (r >= 0)
        r = check_id(reply, content.where, "session_id", fields.session_id, ret_error);
    if (r < 0)
        return r;
    const char *problem = url_problem(fields.authorize_url);
    if (problem)
        return api_fail(reply, API_ERROR_INVALID_REPLY, ret_error,
            "%sauthorize_url in Airstore's reply is refused: the URL %s", content.where, problem);

    session.session_id = strdup(fields.session_id);
    session.authorize_url = strdup(fields.authorize_url);
    if (!session.session_id || !session.authorize_url)
        return api_fail_memory(reply, ret_error);
    *ret = session;
    session = (struct api_created_session){0};
    return 0;
}

void api_created_session_clear(struct api_created_session *session)
{
    free(session->session_id);
    secret_free(session->authorize_url);
    *session = (struct api_created_session){0};
}

static bool find_status(const char *name, enum api_session_status *ret)
{
    static const char *const names[] = {
        [API_SESSION_PENDING] = "pending",
        [API_SESSION_COMPLETE] = "complete",
        [API_SESSION_ERROR] = "error",
    };

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        if (streq(names[i], name)) {
            *ret = (enum api_session_status)i;
            return true;
        }
    }
    return false;
}

struct session_fields {
    const char *status, *connection_id, *error;
};

int api_parse_session(
    const struct api_reply *reply, struct api_session *ret, struct api_error *ret_error)
{
    static const struct json_field table[] = {
        {"status", JSON_STRING, offsetof(struct session_fields, status), true},
        {"connection_id", JSON_IDENTIFIER, offsetof(struct session_fields, connection_id), false},
        {"error", JSON_STRING, offsetof(struct session_fields, error), false},
        {0},
    };
    struct session_fields fields = {0};
    _cleanup_(content_clear) struct content content = {0};
    _cleanup_(api_session_clear) struct api_session session = {0};

    int r = open_reply(reply, &content, ret_error);
    if (r >= 0)
        r = read_content(reply, &content, table, &fields, ret_error);
    if (r < 0)
        return r;
    if (!find_status(fields.status, &session.status))
        return api_fail(reply, API_ERROR_INVALID_REPLY, ret_error,
            "%sstatus in Airstore's reply is none of pending, complete and error", content.where);

    if (session.status == API_SESSION_COMPLETE) {
        r = check_id(reply, content.where, "connection_id", fields.connection_id, ret_error);
        if (r < 0)
            return r;
        session.connection_id = strdup(fields.connection_id);
        if (!session.connection_id)
            return api_fail_memory(reply, ret_error);
    }
    if (session.status == API_SESSION_ERROR) {
        bool named = fields.error && *fields.error != '\0';
        session.error = api_sanitise(named ? fields.error : "unknown error");
        if (!session.error)
            return api_fail_memory(reply, ret_error);
    }
    *ret = session;
    session = (struct api_session){0};
    return 0;
}

void api_session_clear(struct api_session *session)
{
    free(session->connection_id);
    free(session->error);
    *session = (struct api_session){0};
}

struct connection_fields {
    const char *external_id, *workspace_id, *integration_type, *scope;
    const char *expires_at, *created_at, *updated_at;
};

/* A connection with an odd time stamp is a connection all the same: -1. So is what Go writes for no
 * time at all, the year 1. */
static int64_t time_or_unknown(const char *text)
{
    int64_t usec;

    return text && timestamp_parse(text, &usec) >= 0 && usec >= 0 ? usec : -1;
}

static int read_connection(const struct api_reply *reply, struct json_object *object,
    const char *where, struct api_connection *ret, struct api_error *ret_error)
{
    static const struct json_field table[] = {
        {"external_id", JSON_IDENTIFIER, offsetof(struct connection_fields, external_id), true},
        {"workspace_id", JSON_IDENTIFIER, offsetof(struct connection_fields, workspace_id), true},
        {"integration_type", JSON_STRING, offsetof(struct connection_fields, integration_type),
            true},
        {"scope", JSON_STRING, offsetof(struct connection_fields, scope), false},
        {"expires_at", JSON_STRING, offsetof(struct connection_fields, expires_at), false},
        {"created_at", JSON_STRING, offsetof(struct connection_fields, created_at), false},
        {"updated_at", JSON_STRING, offsetof(struct connection_fields, updated_at), false},
        {0},
    };
    struct connection_fields fields = {0};
    _cleanup_(api_connection_clear) struct api_connection connection = {0};

    int r = read_object(reply, object, where, table, &fields, ret_error);
    if (r >= 0)
        r = check_id(reply, where, "external_id", fields.external_id, ret_error);
    if (r >= 0)
        r = check_id(reply, where, "workspace_id", fields.workspace_id, ret_error);
    if (r >= 0)
        r = check_id(reply, where, "integration_type", fields.integration_type, ret_error);
    if (r < 0)
        return r;

    connection = (struct api_connection){
        .connection_id = strdup(fields.external_id),
        .workspace_id = strdup(fields.workspace_id),
        .integration_type = strdup(fields.integration_type),
        .scope = fields.scope ? api_sanitise(fields.scope) : NULL,
        .expires_at_usec = time_or_unknown(fields.expires_at),
        .created_at_usec = time_or_unknown(fields.created_at),
        .updated_at_usec = time_or_unknown(fields.updated_at),
    };
    if (!connection.connection_id || !connection.workspace_id || !connection.integration_type ||
        (fields.scope && !connection.scope))
        return api_fail_memory(reply, ret_error);
    *ret = connection;
    connection = (struct api_connection){0};
    return 0;
}

int api_parse_connection(
    const struct api_reply *reply, struct api_connection *ret, struct api_error *ret_error)
{
    _cleanup_(content_clear) struct content content = {0};

    int r = open_reply(reply, &content, ret_error);
    if (r < 0)
        return r;
    return read_connection(
        reply, content.data ? content.data : content.root, content.where, ret, ret_error);
}

void api_connection_clear(struct api_connection *connection)
{
    free(connection->connection_id);
    free(connection->workspace_id);
    free(connection->integration_type);
    free(connection->profile);
    free(connection->scope);
    *connection = (struct api_connection){0};
}

/* Notes down an entry that cannot be read. Takes the error over. */
static int leave_out(struct api_connections *connections, const struct api_reply *reply,
    struct json_object *entry, struct api_error *error)
{
    static const struct json_field table[] = {{"external_id", JSON_IDENTIFIER, 0, true}, {0}};
    _cleanup_api_error_ struct api_error of_id = {0};
    const char *id = NULL, *field;

    if (connections->problem.class == API_ERROR_NONE) {
        connections->problem = *error;
        *error = (struct api_error){0};
    }
    if (json_read(entry, table, JSON_UNKNOWN_IGNORED, &id, &field) < 0 ||
        check_id(reply, "", "external_id", id, &of_id) < 0) {
        connections->n_nameless++;
        return 0;
    }
    char **more =
        reallocarray(connections->unreadable, connections->n_unreadable + 1, sizeof(*more));
    if (!more)
        return -ENOMEM;
    connections->unreadable = more;
    more[connections->n_unreadable] = strdup(id);
    return more[connections->n_unreadable++] ? 0 : -ENOMEM;
}

static int read_entry(struct api_connections *connections, const struct api_reply *reply,
    struct json_object *entry, const char *where)
{
    _cleanup_api_error_ struct api_error error = {0};

    int r = read_connection(reply, entry, where, &connections->items[connections->n], &error);
    if (r >= 0)
        connections->n++;
    return r == -EBADMSG ? leave_out(connections, reply, entry, &error) : r;
}

int api_parse_connections(
    const struct api_reply *reply, struct api_connections *ret, struct api_error *ret_error)
{
    _cleanup_(content_clear) struct content content = {0};
    _cleanup_(api_connections_clear) struct api_connections connections = {0};

    int r = open_reply(reply, &content, ret_error);
    if (r < 0)
        return r;
    if (content.data && !json_object_is_type(content.data, json_type_array))
        return fail_type(reply, content.where, "a list", ret_error);

    size_t n = content.data ? json_object_array_length(content.data) : 0;
    if (n > 0) {
        connections.items = calloc(n, sizeof(*connections.items));
        if (!connections.items)
            return api_fail_memory(reply, ret_error);
    }
    for (size_t i = 0; i < n; i++) {
        char where[48];
        snprintf(
            where, sizeof(where), "%.*s[%zu].", (int)strcspn(content.where, "."), content.where, i);
        r = read_entry(&connections, reply, json_object_array_get_idx(content.data, i), where);
        if (r < 0)
            return api_fail_memory(reply, ret_error);
    }
    if (n > 0 && connections.n == 0) {
        *ret_error = connections.problem;
        connections.problem = (struct api_error){0};
        return -EBADMSG;
    }
    *ret = connections;
    connections = (struct api_connections){0};
    return 0;
}

void api_connections_clear(struct api_connections *connections)
{
    for (size_t i = 0; i < connections->n; i++)
        api_connection_clear(&connections->items[i]);
    for (size_t i = 0; i < connections->n_unreadable; i++)
        free(connections->unreadable[i]);
    free(connections->items);
    free(connections->unreadable);
    api_error_clear(&connections->problem);
    *connections = (struct api_connections){0};
}

int api_parse_success(const struct api_reply *reply, struct api_error *ret_error)
{
    _cleanup_(content_clear) struct content content = {0};

    return open_reply(reply, &content, ret_error);
}

int api_check_status(const struct api_reply *reply, struct api_error *ret_error)
{
    return has_success(reply) ? 0 : api_parse_success(reply, ret_error);
}
