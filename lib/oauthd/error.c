/* SPDX-License-Identifier: MIT */
#include "lib/oauthd/error.h"

#include "lib/base/json.h"
#include "lib/oauthd/reply.h"

#include <errno.h>
#include <limits.h>

/* The public structure, and what its strings are borrowed from. */
struct error {
    struct airstore_oauthd_error public;
    char *name, *message;
    struct json_object *parameters;
};

/* For when there is no memory for an error. It is never freed. */
static struct error no_memory = {
    .public = {.code = -ENOMEM, .message = "There is not enough memory."},
};

/* In a text, {member} stands for the parameter of that name. A "message" among the parameters goes
 * first. */
static const struct error_rule {
    const char *name;
    int code;
    const char *text;
} rules[] = {
    {"ai.airstore.OAuth.NotConfigured", -ENOKEY, "The daemon lacks an API key."},
    {"ai.airstore.OAuth.InvalidIntegration", -EINVAL,
        "The integration type \"{integration_type}\" cannot be used like this."},
    {"ai.airstore.OAuth.InvalidConfiguration", -EINVAL, "The daemon's configuration is not valid."},
    {"ai.airstore.OAuth.NoSuchSession", -ENOENT, "There is no session {session_id}."},
    {"ai.airstore.OAuth.NoSuchConnection", -ENOENT,
        "There is no such connection: {integration_type}{connection_id}."},
    {"ai.airstore.OAuth.AuthorizationFailed", -EPERM, "The authorization failed: {failure}."},
    {"ai.airstore.OAuth.TimedOut", -ETIMEDOUT, "It did not happen within {timeout} ms."},
    {"ai.airstore.OAuth.LimitReached", -EDQUOT,
        "The daemon's limit is reached: {maximum} {limit}."},
    {"ai.airstore.OAuth.ApiError", -EREMOTEIO, "Airstore answered with HTTP status {status}."},
    {"ai.airstore.OAuth.Unreachable", -EHOSTUNREACH, "Airstore cannot be reached."},
    {"org.varlink.service.InvalidParameter", -EINVAL,
        "The daemon does not accept the value of \"{parameter}\"."},
    {"org.varlink.service.PermissionDenied", -EACCES, "The daemon does not allow this here."},
    {"org.varlink.service.MethodNotFound", -EOPNOTSUPP, "This daemon has no method {method}."},
    {"org.varlink.service.MethodNotImplemented", -EOPNOTSUPP,
        "This daemon does not implement {method}."},
    {"org.varlink.service.InterfaceNotFound", -EOPNOTSUPP,
        "What answers there is not airstore-oauthd: it has no interface {interface}."},
};

/* For each code that a function returns: what is wrong here, and, below, what the daemon says where
 * nobody asked for its own words. */
static const struct {
    int code;
    const char *text;
} local_texts[] = {
    {-ECONNREFUSED, "The daemon airstore-oauthd is not running."},
    {-EDESTADDRREQ, "Neither AIRSTORE_OAUTHD_ADDRESS nor XDG_RUNTIME_DIR says where "
                    "airstore-oauthd listens."},
    {-ENAMETOOLONG, "The address of the daemon is too long."},
    {-EACCES, "This socket of the daemon may not be used for this, or not by this user."},
    {-ECONNRESET, "The daemon hung up before it answered."},
    {-EPIPE, "The daemon hung up before it answered."},
    {-EBADMSG, "What the daemon answered made no sense."},
    {-EMSGSIZE, "A message to or from the daemon is too large."},
    {-EAGAIN, "The daemon is too busy."},
    {-EINVAL, "An argument, or the daemon's configuration, is not valid."},
    {-EBUSY, "airstore_oauthd_dispatch() was called from a handler."},
    {-ENOMEM, "There is not enough memory."},
    {-ENOENT, "There is no such connection or session."},
    {-ENOKEY, "The daemon lacks an API key, a workspace or a profile."},
    {-EPERM, "The authorization failed."},
    {-ETIMEDOUT, "It did not happen in time."},
    {-EDQUOT, "A limit of the daemon is reached."},
    {-EREMOTEIO, "Airstore answered with an error."},
    {-EHOSTUNREACH, "Airstore cannot be reached."},
    {-EOPNOTSUPP, "What answers there is not airstore-oauthd, or an older version of it."},
    {-EPROTO, "The daemon answered with an error that this library does not know."},
};

const char *airstore_oauthd_strerror(int code)
{
    for (size_t i = 0; i < ARRAY_SIZE(local_texts); i++) {
        if (local_texts[i].code == code)
            return local_texts[i].text;
    }
    const char *text = strerrordesc_np(-code);
    return text ? text : "Unknown error";
}

static const struct error_rule *find_rule(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        if (streq(rules[i].name, name))
            return &rules[i];
    }
    return NULL;
}

static int append_parameter(struct buffer *buffer, const char *name, const void *parameters)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(parameters, name, &value);
    const char *text = value ? json_object_get_string(value) : NULL;
    return text ? buffer_append_string(buffer, text) : 0;
}

static int describe(struct error *error, const struct error_rule *rule)
{
    _cleanup_buffer_ struct buffer buffer = {0};
    struct json_object *message = NULL;
    int r;

    json_object_object_get_ex(error->parameters, "message", &message);
    if (json_object_is_type(message, json_type_string) && json_object_get_string_len(message) > 0)
        r = buffer_append_string(&buffer, json_object_get_string(message));
    else if (rule)
        r = buffer_expand(&buffer, rule->text, append_parameter, error->parameters);
    else
        r = buffer_printf(&buffer, "The daemon answered with the error %s.", error->name);
    if (r < 0)
        return r;
    error->message = buffer_take(&buffer);
    return 0;
}

struct error_members {
    const char *failure, *request_id, *parameter;
    int64_t status;
};

static void fill(struct error *error, const struct error_rule *rule)
{
    static const struct json_field table[] = {
        {"failure", JSON_STRING, offsetof(struct error_members, failure), false},
        {"request_id", JSON_STRING, offsetof(struct error_members, request_id), false},
        {"parameter", JSON_STRING, offsetof(struct error_members, parameter), false},
        {"status", JSON_INTEGER, offsetof(struct error_members, status), false},
        {0},
    };
    struct error_members members = {0};
    const char *field;

    /* The name says enough: a parameter of the wrong type is left out. */
    for (const struct json_field *entry = table; entry->name; entry++)
        (void)json_read(error->parameters, (struct json_field[]){*entry, {0}}, JSON_UNKNOWN_IGNORED,
            &members, &field);
    error->public = (struct airstore_oauthd_error){
        .code = rule ? rule->code : -EPROTO,
        .name = error->name,
        .message = error->message,
        .failure = reply_failure(members.failure),
        .status = members.status > 0 && members.status < INT_MAX ? (int)members.status : 0,
        .request_id = members.request_id,
        .parameter = members.parameter,
    };
}

int error_from_reply(
    const char *name, struct json_object *parameters, struct airstore_oauthd_error **ret_error)
{
    const struct error_rule *rule = find_rule(name);
    int code = rule ? rule->code : -EPROTO;

    if (!ret_error)
        return code;
    struct error *error = calloc(1, sizeof(*error));
    if (!error)
        return error_from_code(-ENOMEM, ret_error);
    error->name = strdup(name);
    error->parameters = parameters ? json_object_get(parameters) : json_object_new_object();
    if (!error->name || !error->parameters || describe(error, rule) < 0) {
        airstore_oauthd_error_free(&error->public);
        return error_from_code(-ENOMEM, ret_error);
    }
    fill(error, rule);
    *ret_error = &error->public;
    return code;
}

int error_from_code(int code, struct airstore_oauthd_error **ret_error)
{
    if (!ret_error)
        return code;
    struct error *error = code == -ENOMEM ? NULL : calloc(1, sizeof(*error));
    if (error)
        error->public =
            (struct airstore_oauthd_error){.code = code, .message = airstore_oauthd_strerror(code)};
    else
        error = &no_memory;
    *ret_error = &error->public;
    return error->public.code;
}

struct airstore_oauthd_error *airstore_oauthd_error_free(struct airstore_oauthd_error *public)
{
    struct error *error = (struct error *)public;

    if (!error || error == &no_memory)
        return NULL;
    free(error->name);
    free(error->message);
    json_object_put(error->parameters);
    free(error);
    return NULL;
}
