/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/control.h"

#include "lib/base/json.h"
#include "tests/sandbox/callback.h"
#include "tests/sandbox/connections.h"
#include "tests/sandbox/faults.h"
#include "tests/sandbox/request-log.h"

#include <errno.h>

/* `body` is the object that was posted, {} when there was none. */
typedef int (*control_handler)(
    struct sandbox *sandbox, struct json_object *body, struct http_reply *reply);

static int write_problem(struct http_reply *reply, unsigned status, const char *problem)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();

    if (!object || json_add_string(object, "error", problem) < 0)
        return -ENOMEM;
    return http_reply_json(reply, status, TAKE_PTR(object));
}

/* {name: value}; takes over the value. */
static int write_member(struct http_reply *reply, const char *name, struct json_object *value)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();

    if (!object) {
        json_object_put(value);
        return -ENOMEM;
    }
    if (json_add(object, name, value) < 0)
        return -ENOMEM;
    return http_reply_json(reply, MHD_HTTP_OK, TAKE_PTR(object));
}

static int add_fault(struct sandbox *sandbox, struct json_object *body, struct http_reply *reply)
{
    const struct fault *fault;
    char problem[160] = "";
    int r = faults_add(sandbox->faults, body, problem, sizeof(problem), &fault);

    if (r == -EINVAL)
        return write_problem(reply, MHD_HTTP_BAD_REQUEST, problem);
    if (r < 0)
        return r;
    return http_reply_json(reply, MHD_HTTP_CREATED, fault_describe(fault));
}

static int list_faults(struct sandbox *sandbox, struct json_object *body, struct http_reply *reply)
{
    return write_member(reply, "faults", faults_describe(sandbox->faults));
}

static int clear_faults(struct sandbox *sandbox, struct json_object *body, struct http_reply *reply)
{
    faults_clear(sandbox->faults);
    return list_faults(sandbox, body, reply);
}

static int list_requests(
    struct sandbox *sandbox, struct json_object *body, struct http_reply *reply)
{
    return http_reply_json(reply, MHD_HTTP_OK, request_log_describe(sandbox->log));
}

static int clear_requests(
    struct sandbox *sandbox, struct json_object *body, struct http_reply *reply)
{
    request_log_clear(sandbox->log);
    return list_requests(sandbox, body, reply);
}

static int list_sessions(
    struct sandbox *sandbox, struct json_object *body, struct http_reply *reply)
{
    return write_member(reply, "sessions", sessions_describe(sandbox->sessions));
}

/* The session that the posted object names, NULL when there is none. */
static struct session *named_session(struct sandbox *sandbox, struct json_object *body)
{
    struct json_object *id = NULL;

    if (!json_object_object_get_ex(body, "session_id", &id) ||
        !json_object_is_type(id, json_type_string))
        return NULL;
    return sessions_find(sandbox->sessions, json_object_get_string(id));
}

static int write_no_session(struct http_reply *reply)
{
    return write_problem(reply, MHD_HTTP_NOT_FOUND, "session_id names no session");
}

static int write_finished(const struct session *session, const char *location, struct http_reply *r)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();

    if (!object || json_add_string(object, "status", session_status_name(session->status)) < 0 ||
        json_add_string(object, "connection_id", session->connection_id) < 0 ||
        json_add_string(object, "error", session->error) < 0 ||
        json_add_string(object, "location", location) < 0)
        return -ENOMEM;
    return http_reply_json(r, MHD_HTTP_OK, TAKE_PTR(object));
}

static int finish_session(
    struct sandbox *sandbox, struct json_object *body, bool approved, struct http_reply *reply)
{
    struct session *session = named_session(sandbox, body);
    int r;

    if (!session)
        return write_no_session(reply);
    if (session->status != SESSION_PENDING)
        return write_problem(reply, MHD_HTTP_CONFLICT, "the session is not pending any more");
    r = approved ? callback_complete_session(sandbox, session)
                 : callback_fail_session(sandbox, session, "access_denied");
    return r < 0 ? r : write_finished(session, approved ? session->return_to : NULL, reply);
}

static int approve(struct sandbox *sandbox, struct json_object *body, struct http_reply *reply)
{
    return finish_session(sandbox, body, true, reply);
}

static int deny(struct sandbox *sandbox, struct json_object *body, struct http_reply *reply)
{
    return finish_session(sandbox, body, false, reply);
}

/* The session is gone before its time, and with "connection": "remove" its connection too. */
static int vanish(struct sandbox *sandbox, struct json_object *body, struct http_reply *reply)
{
    struct session *session = named_session(sandbox, body);
    struct json_object *connection = NULL;

    if (!session)
        return write_no_session(reply);
    if (json_object_object_get_ex(body, "connection", &connection) &&
        json_object_is_type(connection, json_type_string) &&
        streq(json_object_get_string(connection), "remove") && session->connection_id)
        connections_remove(sandbox->connections, session->workspace_id, session->connection_id);
    sessions_remove(sandbox->sessions, session);
    return http_reply_json(reply, MHD_HTTP_OK, json_object_new_object());
}

static const struct {
    const char *method, *path;
    control_handler handler;
} commands[] = {
    {"POST", CONTROL_PREFIX "/faults", add_fault},
    {"GET", CONTROL_PREFIX "/faults", list_faults},
    {"DELETE", CONTROL_PREFIX "/faults", clear_faults},
    {"POST", CONTROL_PREFIX "/reset", clear_faults},
    {"GET", CONTROL_PREFIX "/requests", list_requests},
    {"DELETE", CONTROL_PREFIX "/requests", clear_requests},
    {"GET", CONTROL_PREFIX "/sessions", list_sessions},
    {"POST", CONTROL_PREFIX "/approve", approve},
    {"POST", CONTROL_PREFIX "/deny", deny},
    {"POST", CONTROL_PREFIX "/vanish", vanish},
};

static int read_body(const struct http_request *request, struct json_object **ret)
{
    if (request->body.size == 0) {
        *ret = json_object_new_object();
        return *ret ? 0 : -ENOMEM;
    }
    return json_parse(request->body.data, request->body.size, ret);
}

int control_answer(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply)
{
    _cleanup_json_ struct json_object *body = NULL;
    int r = read_body(request, &body);

    if (r == -ENOMEM)
        return r;
    if (r < 0 || !json_object_is_type(body, json_type_object))
        return write_problem(reply, MHD_HTTP_BAD_REQUEST, "the body must be a JSON object");
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (streq(commands[i].method, request->method) && streq(commands[i].path, request->path))
            return commands[i].handler(sandbox, body, reply);
    }
    return write_problem(reply, MHD_HTTP_NOT_FOUND, "there is no such command; see README.md");
}
