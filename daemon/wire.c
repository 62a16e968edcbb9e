/* SPDX-License-Identifier: MIT */
#include "daemon/wire.h"

#include "lib/base/json-write.h"

static struct json_object *done(struct json_object *object, int r)
{
    if (r >= 0)
        return object;
    json_object_put(object);
    return NULL;
}

struct json_object *wire_object(const char *name, struct json_object *value)
{
    struct json_object *object = json_object_new_object();

    if (!object || !value) {
        json_object_put(object);
        json_object_put(value);
        return NULL;
    }
    return done(object, json_add(object, name, value));
}

static int add_outcome(struct json_object *object, const struct session *s)
{
    int r = json_add_string(object, "connection_id", s->connection_id);

    if (r >= 0)
        r = json_add_string(object, "failure", session_failure_name(s->failure));
    if (r >= 0)
        r = json_add_string(object, "error", s->error);
    if (r >= 0 && s->renewed != SESSION_RENEWED_UNKNOWN)
        r = json_add_boolean(object, "renewed", s->renewed == SESSION_RENEWED_YES);
    return r;
}

struct json_object *wire_session(const struct session *s, bool with_url)
{
    struct json_object *object = json_object_new_object();

    if (!object)
        return NULL;
    int r = json_add_string(object, "session_id", s->session_id);
    if (r >= 0)
        r = json_add_string(object, "integration_type", s->integration_type);
    if (r >= 0)
        r = json_add_string(object, "profile", s->profile);
    if (r >= 0)
        r = json_add_string(object, "workspace_id", s->workspace_id);
    if (r >= 0)
        r = json_add_string(object, "status", session_status_name(s));
    if (r >= 0 && with_url)
        r = json_add_string(object, "authorize_url", s->authorize_url);
    if (r >= 0)
        r = json_add_string(object, "trouble", s->trouble);
    if (r >= 0 && s->returned && !session_is_over(s))
        r = json_add_boolean(object, "returned", true);
    if (r >= 0)
        r = add_outcome(object, s);
    if (r >= 0)
        r = json_add_time(object, "created_at", s->created_at);
    if (r >= 0)
        r = json_add_time(object, "expires_at", s->expires_at);
    if (r >= 0 && session_is_over(s))
        r = json_add_time(object, "ended_at", s->ended_at);
    return done(object, r);
}

int wire_connection(struct buffer *text, const struct api_connection *c)
{
    int r = buffer_append_string(text, "{");

    if (r >= 0)
        r = json_write_member(text, "connection_id", c->connection_id);
    if (r >= 0)
        r = json_write_member(text, "integration_type", c->integration_type);
    if (r >= 0)
        r = json_write_member(text, "profile", c->profile);
    if (r >= 0)
        r = json_write_member(text, "workspace_id", c->workspace_id);
    if (r >= 0)
        r = json_write_member(text, "scope", c->scope);
    if (r >= 0)
        r = json_write_time(text, "expires_at", c->expires_at_usec);
    if (r >= 0)
        r = json_write_time(text, "created_at", c->created_at_usec);
    if (r >= 0)
        r = json_write_time(text, "updated_at", c->updated_at_usec);
    return r < 0 ? r : buffer_append_string(text, "}");
}

int wire_connection_alone(struct buffer *text, const struct api_connection *connection)
{
    /* Nearly all of them fit at once; memory that is outgrown has to be erased. */
    int r = buffer_reserve(text, 500);

    if (r >= 0)
        r = buffer_append_string(text, "{\"connection\":");

    if (r >= 0)
        r = wire_connection(text, connection);
    return r < 0 ? r : buffer_append_string(text, "}");
}

struct json_object *wire_integration(const struct integration *integration)
{
    static const char *const authentication[] = {
        [INTEGRATION_OAUTH] = "oauth",
        [INTEGRATION_OAUTH_OR_TOKEN] = "oauth_or_token",
        [INTEGRATION_API_KEY] = "api_key",
    };
    struct json_object *object = json_object_new_object();

    if (!object)
        return NULL;
    int r = json_add_string(object, "integration_type", integration->type);
    if (r >= 0)
        r = json_add_string(object, "name", integration->name);
    if (r >= 0)
        r = json_add_string(object, "authentication", authentication[integration->authentication]);
    return done(object, r);
}

struct json_object *wire_api_error(const struct api_error *error, const char **ret_name)
{
    struct json_object *object = json_object_new_object();
    const char *message = error->message ? error->message : api_error_class_name(error->class);
    bool answered = error->status > 0 && error->class != API_ERROR_INVALID_REPLY;

    if (!object)
        return NULL;
    int r = json_add_string(object, "message", message);
    if (r >= 0 && answered)
        r = json_add_integer(object, "status", error->status);
    if (r >= 0 && answered && error->request_id[0])
        r = json_add_string(object, "request_id", error->request_id);
    *ret_name = answered ? "ai.airstore.OAuth.ApiError" : "ai.airstore.OAuth.Unreachable";
    return done(object, r);
}
