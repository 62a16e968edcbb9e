/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/api.h"

#include "lib/base/json.h"
#include "tests/sandbox/callback.h"
#include "tests/sandbox/connections.h"
#include "tests/sandbox/consent.h"
#include "tests/sandbox/faults.h"
#include "tests/sandbox/providers.h"
#include "tests/sandbox/server-clock.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#define CALLBACK "/oauth/callback"

/* The parts of the path that a route leaves open, in their order. */
#define ROUTE_PARTS_MAX 2
#define ROUTE_PART_SIZE 160

typedef char route_parts[ROUTE_PARTS_MAX][ROUTE_PART_SIZE];

typedef int (*route_handler)(struct sandbox *sandbox, const struct http_request *request,
    route_parts parts, struct http_reply *reply);

const char *api_path(const char *path)
{
    size_t length = strlen(API_PREFIX);

    if (strncmp(path, API_PREFIX, length) != 0 || (path[length] != '/' && path[length] != '\0'))
        return NULL;
    return path + length;
}

bool api_path_needs_key(const char *path)
{
    return !streq(path, CALLBACK);
}

int api_write_error(struct http_reply *reply, unsigned status, const char *error)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();

    if (!object || json_add_boolean(object, "success", false) < 0 ||
        json_add_string(object, "error", error) < 0)
        return -ENOMEM;
    return http_reply_json(reply, status, TAKE_PTR(object));
}

/* Takes over the data, which may be NULL only when memory was short. */
static int write_data(struct http_reply *reply, unsigned status, struct json_object *data)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();

    if (!object || json_add_boolean(object, "success", true) < 0) {
        json_object_put(data);
        return -ENOMEM;
    }
    if (json_add(object, "data", data) < 0)
        return -ENOMEM;
    return http_reply_json(reply, status, TAKE_PTR(object));
}

/* What the web framework of the real server answers where there is no route: without envelope. */
static int write_no_route(struct http_reply *reply, unsigned status, const char *message)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();

    if (!object || json_add_string(object, "message", message) < 0)
        return -ENOMEM;
    return http_reply_json(reply, status, TAKE_PTR(object));
}

/* NULL when the key is right. */
static const char *key_problem(const struct sandbox *sandbox, const struct http_request *request)
{
    static const char scheme[] = "Bearer ";
    const char *value = http_request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);

    if (!value || value[0] == '\0')
        return "authorization required";
    if (strncasecmp(value, scheme, strlen(scheme)) != 0)
        return "bearer token required";
    return streq(value + strlen(scheme), sandbox->api_key) ? NULL : "invalid token";
}

static bool is_organisation_key(const char *key)
{
    return strncmp(key, "org_", 4) == 0;
}

/* What a redirect can carry: a path or a URL, on one line. */
static bool return_to_is_valid(const char *return_to)
{
    for (const char *c = return_to; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return false;
    }
    return return_to[0] == '/' || strncmp(return_to, "http://", 7) == 0 ||
           strncmp(return_to, "https://", 8) == 0;
}

static int write_created_session(
    const struct sandbox *sandbox, const struct session *session, struct http_reply *reply)
{
    _cleanup_json_ struct json_object *data = json_object_new_object();
    _cleanup_buffer_ struct buffer url = {0};
    int r;

    r = consent_authorize_url(sandbox, session, &url);
    if (r < 0)
        return r;
    if (!data || json_add_string(data, "session_id", session->id) < 0 ||
        json_add_string(data, "authorize_url", url.data) < 0)
        return -ENOMEM;
    return write_data(reply, MHD_HTTP_CREATED, TAKE_PTR(data));
}

static int create_session(struct sandbox *sandbox, const struct http_request *request,
    route_parts parts, struct http_reply *reply)
{
    struct {
        const char *integration_type, *workspace_id, *return_to;
    } wanted = {"", "", ""};
    static const struct json_field table[] = {
        {"integration_type", JSON_STRING, offsetof(__typeof__(wanted), integration_type), false},
        {"workspace_id", JSON_IDENTIFIER, offsetof(__typeof__(wanted), workspace_id), false},
        {"return_to", JSON_STRING, offsetof(__typeof__(wanted), return_to), false},
        {0},
    };
    _cleanup_json_ struct json_object *body = NULL;
    const struct provider *provider;
    struct session *session;
    const char *field;
    char error[128];
    int r;

    r = json_parse(request->body.data, request->body.size, &body);
    if (r < 0 || !json_object_is_type(body, json_type_object) ||
        json_read(body, table, JSON_UNKNOWN_IGNORED, &wanted, &field) < 0)
        return api_write_error(reply, MHD_HTTP_BAD_REQUEST, "invalid request");
    if (wanted.integration_type[0] == '\0')
        return api_write_error(reply, MHD_HTTP_BAD_REQUEST, "integration_type required");
    if (wanted.workspace_id[0] == '\0' && is_organisation_key(sandbox->api_key))
        return api_write_error(reply, MHD_HTTP_BAD_REQUEST, "workspace_id required");
    if (wanted.workspace_id[0] == '\0')
        wanted.workspace_id = DEFAULT_WORKSPACE;
    if (!workspace_exists(wanted.workspace_id))
        return api_write_error(reply, MHD_HTTP_NOT_FOUND, "workspace not found");

    provider = provider_find(wanted.integration_type);
    if (!provider) {
        snprintf(
            error, sizeof(error), "integration %.64s does not use OAuth", wanted.integration_type);
        return api_write_error(reply, MHD_HTTP_BAD_REQUEST, error);
    }
    if (wanted.return_to[0] != '\0' && !return_to_is_valid(wanted.return_to))
        return api_write_error(
            reply, MHD_HTTP_BAD_REQUEST, "return_to must be a relative path or full URL");

    r = sessions_add(sandbox->sessions, provider, wanted.workspace_id,
        wanted.return_to[0] == '\0' ? NULL : wanted.return_to, &session);
    if (r < 0)
        return api_write_error(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "failed to create session");
    return write_created_session(sandbox, session, reply);
}

static int get_session(struct sandbox *sandbox, const struct http_request *request,
    route_parts parts, struct http_reply *reply)
{
    struct session *session = sessions_find(sandbox->sessions, parts[0]);
    _cleanup_json_ struct json_object *data = NULL;

    if (!session)
        return api_write_error(reply, MHD_HTTP_NOT_FOUND, "session not found");
    data = json_object_new_object();
    if (!data || json_add_string(data, "status", session_status_name(session->status)) < 0 ||
        json_add_string(data, "connection_id", session->connection_id) < 0 ||
        json_add_string(data, "error", session->error) < 0)
        return -ENOMEM;
    return write_data(reply, MHD_HTTP_OK, TAKE_PTR(data));
}

static int callback(struct sandbox *sandbox, const struct http_request *request, route_parts parts,
    struct http_reply *reply)
{
    return callback_answer(sandbox, request, reply);
}

static int create_connection(struct sandbox *sandbox, const struct http_request *request,
    route_parts parts, struct http_reply *reply)
{
    struct {
        const char *integration_type, *access_token, *refresh_token, *api_key, *scope;
        struct json_object *extra;
    } wanted = {"", "", "", "", NULL, NULL};
    static const struct json_field table[] = {
        {"integration_type", JSON_STRING, offsetof(__typeof__(wanted), integration_type), false},
        {"access_token", JSON_STRING, offsetof(__typeof__(wanted), access_token), false},
        {"refresh_token", JSON_STRING, offsetof(__typeof__(wanted), refresh_token), false},
        {"api_key", JSON_STRING, offsetof(__typeof__(wanted), api_key), false},
        {"scope", JSON_STRING, offsetof(__typeof__(wanted), scope), false},
        {"extra", JSON_STRING_MAP, offsetof(__typeof__(wanted), extra), false},
        {0},
    };
    _cleanup_json_ struct json_object *body = NULL;
    const struct connection *connection;
    const char *field;
    int r;

    if (!workspace_exists(parts[0]))
        return api_write_error(reply, MHD_HTTP_NOT_FOUND, "workspace not found");
    r = json_parse(request->body.data, request->body.size, &body);
    if (r < 0 || !json_object_is_type(body, json_type_object) ||
        json_read(body, table, JSON_UNKNOWN_IGNORED, &wanted, &field) < 0)
        return api_write_error(reply, MHD_HTTP_BAD_REQUEST, "invalid request");
    if (wanted.integration_type[0] == '\0')
        return api_write_error(reply, MHD_HTTP_BAD_REQUEST, "integration_type required");
    if (wanted.access_token[0] == '\0' && wanted.api_key[0] == '\0')
        return api_write_error(reply, MHD_HTTP_BAD_REQUEST, "access_token or api_key required");

    r = connections_save(sandbox->connections, parts[0], wanted.integration_type, wanted.scope,
        server_clock_now(faults_clock_offset(sandbox->faults)), &connection);
    if (r < 0)
        return api_write_error(
            reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "failed to create connection");
    return write_data(
        reply, MHD_HTTP_CREATED, connections_describe_one(sandbox->connections, connection));
}

static int list_connections(struct sandbox *sandbox, const struct http_request *request,
    route_parts parts, struct http_reply *reply)
{
    if (!workspace_exists(parts[0]))
        return api_write_error(reply, MHD_HTTP_NOT_FOUND, "workspace not found");
    return write_data(reply, MHD_HTTP_OK, connections_describe(sandbox->connections, parts[0]));
}

static int delete_connection(struct sandbox *sandbox, const struct http_request *request,
    route_parts parts, struct http_reply *reply)
{
    struct json_object *object;

    if (!workspace_exists(parts[0]))
        return api_write_error(reply, MHD_HTTP_NOT_FOUND, "workspace not found");
    if (!connections_remove(sandbox->connections, parts[0], parts[1]))
        return api_write_error(reply, MHD_HTTP_NOT_FOUND, "connection not found");
    object = json_object_new_object();
    if (!object || json_add_boolean(object, "success", true) < 0) {
        json_object_put(object);
        return -ENOMEM;
    }
    return http_reply_json(reply, MHD_HTTP_OK, object);
}

/* A "*" stands for one part of the path. */
static const struct {
    const char *method, *path;
    route_handler handler;
} routes[] = {
    {"POST", "/oauth/sessions", create_session},
    {"GET", "/oauth/sessions/*", get_session},
    {"GET", CALLBACK, callback},
    {"POST", "/workspaces/*/connections", create_connection},
    {"GET", "/workspaces/*/connections", list_connections},
    {"DELETE", "/workspaces/*/connections/*", delete_connection},
};

static bool route_matches(const char *route, const char *path, route_parts parts)
{
    size_t n = 0;

    while (*route != '\0') {
        if (*route != '*') {
            if (*route++ != *path++)
                return false;
            continue;
        }
        size_t length = strcspn(path, "/");
        if (length == 0 || length >= ROUTE_PART_SIZE)
            return false;
        memcpy(parts[n], path, length);
        parts[n++][length] = '\0';
        path += length;
        route++;
    }
    return *path == '\0';
}

int api_answer(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply)
{
    const char *path = request->path + strlen(API_PREFIX);
    bool path_known = false;
    route_parts parts;

    for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
        if (!route_matches(routes[i].path, path, parts))
            continue;
        path_known = true;
        if (!streq(routes[i].method, request->method))
            continue;
        const char *problem = api_path_needs_key(path) ? key_problem(sandbox, request) : NULL;
        if (problem)
            return api_write_error(reply, MHD_HTTP_UNAUTHORIZED, problem);
        return routes[i].handler(sandbox, request, parts, reply);
    }
    return path_known ? write_no_route(reply, MHD_HTTP_METHOD_NOT_ALLOWED, "Method Not Allowed")
                      : write_no_route(reply, MHD_HTTP_NOT_FOUND, "Not Found");
}
