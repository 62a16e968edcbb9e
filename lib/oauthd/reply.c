/* SPDX-License-Identifier: MIT */
#include "lib/oauthd/reply.h"

#include "lib/base/json.h"
#include "lib/base/timestamp.h"
#include "lib/oauthd/words.h"

#include <errno.h>

/* The public structure, and the JSON that all of its strings are borrowed from. */
struct reply {
    struct airstore_oauthd_reply public;
    struct json_object *json;
    /* The same pointers as in the public part, for freeing. */
    void **sessions, **connections, **integrations, **settings, **checks;
    const char **problems, **profiles;
};

enum airstore_oauthd_failure reply_failure(const char *text_or_null)
{
    if (!text_or_null)
        return AIRSTORE_OAUTHD_FAILURE_NONE;
    int value = word_value(&failure_words, text_or_null);
    return value < 0 ? AIRSTORE_OAUTHD_FAILURE_UNKNOWN : (enum airstore_oauthd_failure)value;
}

static int read_members(struct json_object *object, const struct json_field *table, void *target)
{
    const char *field;

    return json_read(object, table, JSON_UNKNOWN_IGNORED, target, &field) < 0 ? -EBADMSG : 0;
}

static int read_time(const char *text_or_null, int64_t *ret)
{
    *ret = -1;
    if (!text_or_null)
        return 0;
    return timestamp_parse(text_or_null, ret) < 0 ? -EBADMSG : 0;
}

static int parse_session(struct json_object *object, void *target)
{
    struct session_members {
        struct airstore_oauthd_session session;
        const char *status, *failure, *created_at, *expires_at, *ended_at;
        bool renewed;
    } members = {0};
#define MEMBER(name, type, member, required)                                                       \
    {                                                                                              \
        name, type, offsetof(struct session_members, member), required                             \
    }
    static const struct json_field table[] = {
        MEMBER("session_id", JSON_STRING, session.session_id, true),
        MEMBER("integration_type", JSON_STRING, session.integration_type, true),
        MEMBER("profile", JSON_STRING, session.profile, false),
        MEMBER("workspace_id", JSON_STRING, session.workspace_id, false),
        MEMBER("status", JSON_STRING, status, true),
        MEMBER("authorize_url", JSON_STRING, session.authorize_url, false),
        MEMBER("trouble", JSON_STRING, session.trouble, false),
        MEMBER("returned", JSON_BOOLEAN, session.returned, false),
        MEMBER("connection_id", JSON_STRING, session.connection_id, false),
        MEMBER("failure", JSON_STRING, failure, false),
        MEMBER("error", JSON_STRING, session.error, false),
        MEMBER("renewed", JSON_BOOLEAN, renewed, false),
        MEMBER("created_at", JSON_STRING, created_at, true),
        MEMBER("expires_at", JSON_STRING, expires_at, true),
        MEMBER("ended_at", JSON_STRING, ended_at, false),
        {0},
    };
#undef MEMBER
    struct airstore_oauthd_session *session = &members.session;
    struct json_object *renewed = NULL;

    if (read_members(object, table, &members) < 0)
        return -EBADMSG;
    int status = word_value(&session_status_words, members.status);
    if (status < 0 || read_time(members.created_at, &session->created_at_usec) < 0 ||
        read_time(members.expires_at, &session->expires_at_usec) < 0 ||
        read_time(members.ended_at, &session->ended_at_usec) < 0)
        return -EBADMSG;
    /* Programs rely on what a status promises. */
    if (status == AIRSTORE_OAUTHD_COMPLETE && !session->connection_id)
        return -EBADMSG;
    session->status = (enum airstore_oauthd_session_status)status;
    session->failure = reply_failure(members.failure);
    json_object_object_get_ex(object, "renewed", &renewed);
    session->renewed = renewed ? members.renewed : -1;
    *(struct airstore_oauthd_session *)target = *session;
    return 0;
}

static int parse_connection(struct json_object *object, void *target)
{
    struct connection_members {
        struct airstore_oauthd_connection connection;
        const char *expires_at, *created_at, *updated_at;
    } members = {0};
#define MEMBER(name, member, required)                                                             \
    {                                                                                              \
        name, JSON_STRING, offsetof(struct connection_members, member), required                   \
    }
    static const struct json_field table[] = {
        MEMBER("connection_id", connection.connection_id, true),
        MEMBER("integration_type", connection.integration_type, true),
        MEMBER("profile", connection.profile, false),
        MEMBER("workspace_id", connection.workspace_id, false),
        MEMBER("scope", connection.scope, false),
        MEMBER("expires_at", expires_at, false),
        MEMBER("created_at", created_at, false),
        MEMBER("updated_at", updated_at, false),
        {0},
    };
#undef MEMBER
    struct airstore_oauthd_connection *connection = &members.connection;

    if (read_members(object, table, &members) < 0 ||
        read_time(members.expires_at, &connection->expires_at_usec) < 0 ||
        read_time(members.created_at, &connection->created_at_usec) < 0 ||
        read_time(members.updated_at, &connection->updated_at_usec) < 0)
        return -EBADMSG;
    *(struct airstore_oauthd_connection *)target = *connection;
    return 0;
}

static int parse_integration(struct json_object *object, void *target)
{
    struct integration_members {
        struct airstore_oauthd_integration integration;
        const char *authentication;
    } members = {0};
    static const struct json_field table[] = {
        {"integration_type", JSON_STRING,
            offsetof(struct integration_members, integration.integration_type), true},
        {"name", JSON_STRING, offsetof(struct integration_members, integration.name), true},
        {"authentication", JSON_STRING, offsetof(struct integration_members, authentication), true},
        {0},
    };

    if (read_members(object, table, &members) < 0)
        return -EBADMSG;
    int value = word_value(&authentication_words, members.authentication);
    if (value < 0)
        return value;
    members.integration.authentication = (enum airstore_oauthd_authentication)value;
    *(struct airstore_oauthd_integration *)target = members.integration;
    return 0;
}

static int parse_setting(struct json_object *object, void *target)
{
#define MEMBER(name, required)                                                                     \
    {                                                                                              \
#name, JSON_STRING, offsetof(struct airstore_oauthd_setting, name), required               \
    }
    static const struct json_field table[] = {
        MEMBER(section, true),
        MEMBER(key, true),
        MEMBER(value, false),
        MEMBER(source, true),
        {0},
    };
#undef MEMBER

    return read_members(object, table, target);
}

static int parse_check(struct json_object *object, void *target)
{
    struct check_members {
        struct airstore_oauthd_check check;
        const char *result;
    } members = {0};
    static const struct json_field table[] = {
        {"check", JSON_STRING, offsetof(struct check_members, check.check), true},
        {"result", JSON_STRING, offsetof(struct check_members, result), true},
        {"message", JSON_STRING, offsetof(struct check_members, check.message), true},
        {"advice", JSON_STRING, offsetof(struct check_members, check.advice), false},
        {0},
    };

    if (read_members(object, table, &members) < 0)
        return -EBADMSG;
    int value = word_value(&check_result_words, members.result);
    if (value < 0)
        return value;
    members.check.result = (enum airstore_oauthd_check_result)value;
    *(struct airstore_oauthd_check *)target = members.check;
    return 0;
}

typedef int (*parse_item)(struct json_object *object, void *target);

static int parse_one(struct json_object *object, size_t size, parse_item parse, void **ret)
{
    _cleanup_free_ void *item = calloc(1, size);

    if (!item)
        return -ENOMEM;
    if (!json_object_is_type(object, json_type_object))
        return -EBADMSG;
    int r = parse(object, item);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(item);
    return 0;
}

/* Pointers to the items, ended by NULL. All items are one allocation, which the first one starts.
 */
static int parse_list(struct json_object *array, size_t size, parse_item parse, void ***ret)
{
    if (!json_object_is_type(array, json_type_array))
        return -EBADMSG;

    size_t n = json_object_array_length(array);
    _cleanup_free_ void **list = calloc(n + 1, sizeof(*list));
    _cleanup_free_ char *items = calloc(n + 1, size);
    if (!list || !items)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct json_object *object = json_object_array_get_idx(array, i);
        list[i] = items + i * size;
        int r = json_object_is_type(object, json_type_object) ? parse(object, list[i]) : -EBADMSG;
        if (r < 0)
            return r;
    }
    if (n > 0)
        TAKE_PTR(items);
    *ret = TAKE_PTR(list);
    return 0;
}

static void list_free(void **list)
{
    if (list)
        free(list[0]);
    free(list);
}

/* Ended by NULL. A list that is missing is empty. */
static int parse_strings(struct json_object *array_or_null, const char ***ret)
{
    size_t n = array_or_null ? json_object_array_length(array_or_null) : 0;
    _cleanup_free_ const char **strings = calloc(n + 1, sizeof(*strings));

    if (!strings)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct json_object *string = json_object_array_get_idx(array_or_null, i);
        if (!json_object_is_type(string, json_type_string))
            return -EBADMSG;
        strings[i] = json_object_get_string(string);
    }
    *ret = TAKE_PTR(strings);
    return 0;
}

static int parse_status(struct reply *reply, struct json_object *parameters)
{
    struct status_members {
        struct airstore_oauthd_status status;
        struct json_object *problems, *profiles;
    } members = {0};
#define MEMBER(name, type, member, required)                                                       \
    {                                                                                              \
        name, type, offsetof(struct status_members, member), required                              \
    }
    static const struct json_field table[] = {
        MEMBER("version", JSON_STRING, status.version, true),
        MEMBER("api_base_url", JSON_STRING, status.api_base_url, true),
        MEMBER("api_key_source", JSON_STRING, status.api_key_source, false),
        MEMBER("default_workspace_id", JSON_STRING, status.default_workspace_id, false),
        MEMBER("callback_address", JSON_STRING, status.callback_address, false),
        MEMBER("pending_sessions", JSON_INTEGER, status.pending_sessions, true),
        MEMBER("connections", JSON_INTEGER, status.connections, true),
        MEMBER("uptime", JSON_INTEGER, status.uptime_msec, true),
        MEMBER("problems", JSON_ARRAY, problems, true),
        MEMBER("profiles", JSON_ARRAY, profiles, false), /* older daemons have none */
        {0},
    };
#undef MEMBER
    if (read_members(parameters, table, &members) < 0)
        return -EBADMSG;
    int r = parse_strings(members.problems, &reply->problems);
    if (r >= 0)
        r = parse_strings(members.profiles, &reply->profiles);
    if (r < 0)
        return r;
    members.status.problems = reply->problems;
    members.status.profiles = reply->profiles;
    reply->public.status = malloc(sizeof(members.status));
    if (!reply->public.status)
        return -ENOMEM;
    *reply->public.status = members.status;
    return 0;
}

/* All that replies consist of, but for the status, by the names of the members. */
struct reply_members {
    struct json_object *session, *connection, *sessions, *connections, *integrations, *settings,
        *checks;
    const char *browser_problem, *warning, *deleted_connection_id;
    bool existing, browser_opened;
};

static int parse_members(struct reply *reply, const struct reply_members *members)
{
    struct airstore_oauthd_reply *public = &reply->public;
    int r = 0;

    public->existing = members->existing;
    public->browser_opened = members->browser_opened;
    public->browser_problem = members->browser_problem;
    public->warning = members->warning;
    public->deleted_connection_id = members->deleted_connection_id;

    if (members->session)
        r = parse_one(
            members->session, sizeof(*public->session), parse_session, (void **)&public->session);
    if (r >= 0 && members->connection)
        r = parse_one(members->connection, sizeof(*public->connection), parse_connection,
            (void **)&public->connection);
    if (r >= 0 && members->sessions)
        r = parse_list(
            members->sessions, sizeof(*public->session), parse_session, &reply->sessions);
    if (r >= 0 && members->connections)
        r = parse_list(members->connections, sizeof(*public->connection), parse_connection,
            &reply->connections);
    if (r >= 0 && members->integrations)
        r = parse_list(members->integrations, sizeof(struct airstore_oauthd_integration),
            parse_integration, &reply->integrations);
    if (r >= 0 && members->settings)
        r = parse_list(members->settings, sizeof(struct airstore_oauthd_setting), parse_setting,
            &reply->settings);
    if (r >= 0 && members->checks)
        r = parse_list(
            members->checks, sizeof(struct airstore_oauthd_check), parse_check, &reply->checks);
    public->sessions = (struct airstore_oauthd_session *const *)reply->sessions;
    public->connections = (struct airstore_oauthd_connection *const *)reply->connections;
    public->integrations = (struct airstore_oauthd_integration *const *)reply->integrations;
    public->settings = (struct airstore_oauthd_setting *const *)reply->settings;
    public->checks = (struct airstore_oauthd_check *const *)reply->checks;
    return r;
}

static int parse_reply(struct reply *reply, const char *required)
{
    /* "connections" is a list in one method and a number in another, so that the status is read
     * apart from everything else. */
    if (required && streq(required, "version"))
        return parse_status(reply, reply->json);

#define MEMBER(name, type)                                                                         \
    {                                                                                              \
#name, type, offsetof(struct reply_members, name), false                                   \
    }
    static const struct json_field table[] = {
        MEMBER(session, JSON_OBJECT),
        MEMBER(connection, JSON_OBJECT),
        MEMBER(sessions, JSON_ARRAY),
        MEMBER(connections, JSON_ARRAY),
        MEMBER(integrations, JSON_ARRAY),
        MEMBER(settings, JSON_ARRAY),
        MEMBER(checks, JSON_ARRAY),
        MEMBER(browser_problem, JSON_STRING),
        MEMBER(warning, JSON_STRING),
        MEMBER(deleted_connection_id, JSON_STRING),
        MEMBER(existing, JSON_BOOLEAN),
        MEMBER(browser_opened, JSON_BOOLEAN),
        {0},
    };
#undef MEMBER
    struct reply_members members = {0};
    struct json_object *value = NULL;

    if (required && (!json_object_object_get_ex(reply->json, required, &value) || !value))
        return -EBADMSG;
    int r = read_members(reply->json, table, &members);
    return r < 0 ? r : parse_members(reply, &members);
}

int reply_parse(struct json_object *parameters, bool continues, const char *required,
    struct airstore_oauthd_reply **ret)
{
    struct reply *reply = calloc(1, sizeof(*reply));

    if (!reply)
        return -ENOMEM;
    _cleanup_(airstore_oauthd_reply_freep) struct airstore_oauthd_reply *public = &reply->public;
    reply->public.continues = continues;
    reply->json = parameters ? json_object_get(parameters) : json_object_new_object();
    if (!reply->json)
        return -ENOMEM;
    int r = parse_reply(reply, required);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(public);
    return 0;
}

const char *airstore_oauthd_reply_json(const struct airstore_oauthd_reply *reply)
{
    return json_object_to_json_string_ext(((const struct reply *)reply)->json,
        JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

struct airstore_oauthd_reply *airstore_oauthd_reply_free(struct airstore_oauthd_reply *public)
{
    struct reply *reply = (struct reply *)public;

    if (!reply)
        return NULL;
    free(reply->public.session);
    free(reply->public.connection);
    free(reply->public.status);
    list_free(reply->sessions);
    list_free(reply->connections);
    list_free(reply->integrations);
    list_free(reply->settings);
    list_free(reply->checks);
    free(reply->problems);
    free(reply->profiles);
    json_object_put(reply->json);
    free(reply);
    return NULL;
}
