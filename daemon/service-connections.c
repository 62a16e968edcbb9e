/* SPDX-License-Identifier: MIT */

/* The methods about connections: answered from memory, or taken to Airstore and remembered. */

#include "daemon/service-errand.h"

/* What was listed is known from now on. Else it ends the call and returns false. */
static bool take_list(struct errand *errand, const struct api_reply *reply)
{
    _cleanup_api_error_ struct api_error error = {0};
    struct api_connections listed = {0};

    if (api_parse_connections(reply, &listed, &error) < 0)
        service_fail_api(errand->call, &error);
    else if (connections_replace(errand->service->connections, errand->profile,
                 errand->workspace_id, errand->moment, &listed) < 0)
        varlink_call_abandon(errand->call);
    else
        return true;
    return false;
}

/* GetConnection */

struct get_parameters {
    const char *profile, *integration_type, *workspace_id;
};

static const struct json_field get_fields[] = {
    {"integration_type", JSON_STRING, offsetof(struct get_parameters, integration_type), true},
    {"profile", JSON_STRING, offsetof(struct get_parameters, profile), false},
    {"workspace_id", JSON_STRING, offsetof(struct get_parameters, workspace_id), false},
    {0},
};

static void reply_connection(struct varlink_call *call, const struct api_connection *connection)
{
    _cleanup_buffer_ struct buffer text = {0};

    service_reply_text(call, wire_connection_alone(&text, connection), &text);
}

static void fail_no_connection(struct varlink_call *call, const char *integration_type)
{
    service_fail_with(
        call, SERVICE_ERROR("NoSuchConnection"), "integration_type", integration_type);
}

/* Now the workspace of those that are in it is known. */
static void on_workspace_listed(const struct api_reply *reply, void *userdata)
{
    _cleanup_(errand_freep) struct errand *errand = userdata;
    const struct connections *connections = errand->service->connections;

    if (!take_list(errand, reply))
        return;
    const struct api_connection *found =
        connections_find(connections, errand->profile, errand->subject, errand->workspace_id);
    if (found)
        reply_connection(errand->call, found);
    else
        fail_no_connection(errand->call, errand->subject);
}

static void list_workspace(struct service *service, struct varlink_call *call,
    const struct profile *profile, const struct get_parameters *p)
{
    struct api_request request = {0};
    struct scope scope;

    if (!errand_prepare(service, call, profile, p->workspace_id, NULL, &scope))
        return;
    int r = api_request_list_connections(profile->base_url, scope.workspace_id, &request);
    errand_run(service, call, &scope, p->integration_type, r, &request, on_workspace_listed);
}

/*
 * One whose workspace is not known is the answer for the profile's own workspace, but not for one
 * that is named: that could be another. Airstore says, where the caller may have it asked.
 */
static void get_connection(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct get_parameters *p = parameters;
    struct service *service = userdata;
    const struct profile *profile = service_profile(service, call, p->profile);

    if (!profile)
        return;
    if (!service_text_is_plain(p->workspace_id)) {
        varlink_call_fail_parameter(call, "workspace_id");
        return;
    }
    if (!service_takes_integration(call, p->integration_type))
        return;
    const struct api_connection *nameless = NULL,
                                *connection = connections_find(service->connections, p->profile,
                                    p->integration_type,
                                    p->workspace_id ? p->workspace_id : profile->workspace_id);
    if (!connection)
        nameless = connections_find_nameless(service->connections, p->profile, p->integration_type);
    if (!connection && !p->workspace_id)
        connection = nameless;
    if (connection)
        reply_connection(call, connection);
    else if (!nameless || varlink_call_restricted(call))
        fail_no_connection(call, p->integration_type);
    else if (!service_await_key(service, call, profile, get_connection, p, sizeof(*p)))
        list_workspace(service, call, profile, p);
}

const struct varlink_method service_get_connection = {
    .name = "GetConnection",
    .parameters = get_fields,
    .size = sizeof(struct get_parameters),
    .handle = get_connection,
};

/* ListConnections */

struct list_parameters {
    const char *profile, *workspace_id, *integration_type;
    bool refresh;
};

static const struct json_field list_fields[] = {
    {"profile", JSON_STRING, offsetof(struct list_parameters, profile), false},
    {"workspace_id", JSON_STRING, offsetof(struct list_parameters, workspace_id), false},
    {"integration_type", JSON_STRING, offsetof(struct list_parameters, integration_type), false},
    {"refresh", JSON_BOOLEAN, offsetof(struct list_parameters, refresh), false},
    {0},
};

struct connection_list {
    struct buffer text;
    size_t n;
    bool any_profile;
    const char *profile;
    const char *workspace_id, *integration_type; /* NULL: any */
};

static int add_connection(const struct api_connection *connection, void *userdata)
{
    struct connection_list *list = userdata;

    if (!list->any_profile && !streq_or_null(list->profile, connection->profile))
        return 0;
    if (list->integration_type && !streq(list->integration_type, connection->integration_type))
        return 0;
    if (list->workspace_id &&
        !(connection->workspace_id && streq(list->workspace_id, connection->workspace_id)))
        return 0;
    int r = list->n++ > 0 ? buffer_append_string(&list->text, ",") : 0;
    return r < 0 ? r : wire_connection(&list->text, connection);
}

static void reply_list(
    struct varlink_call *call, const struct service *service, struct connection_list *list)
{
    int r = buffer_append_string(&list->text, "{\"connections\":[");

    if (r >= 0)
        r = connections_each(service->connections, add_connection, list);
    if (r >= 0)
        r = buffer_append_string(&list->text, "]}");
    service_reply_text(call, r, &list->text);
    buffer_clear(&list->text);
}

static void on_listed(const struct api_reply *reply, void *userdata)
{
    _cleanup_(errand_freep) struct errand *errand = userdata;

    if (take_list(errand, reply))
        reply_list(errand->call, errand->service,
            &(struct connection_list){
                .profile = errand->profile,
                .workspace_id = errand->workspace_id,
                .integration_type = errand->subject,
            });
}

static void list_connections(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct list_parameters *p = parameters;
    struct service *service = userdata;
    struct api_request request = {0};
    struct scope scope;

    const struct profile *profile = service_profile(service, call, p->profile);
    if (!profile)
        return;
    if (!service_text_is_plain(p->workspace_id)) {
        varlink_call_fail_parameter(call, "workspace_id");
        return;
    }
    if (!service_takes_integration(call, p->integration_type))
        return;
    if (!p->refresh) {
        reply_list(call, service,
            &(struct connection_list){
                .any_profile = !p->profile,
                .profile = p->profile,
                .workspace_id = p->workspace_id,
                .integration_type = p->integration_type,
            });
        return;
    }
    if (varlink_call_restricted(call)) {
        varlink_call_fail(call, "org.varlink.service.PermissionDenied", NULL);
        return;
    }
    if (service_await_key(service, call, profile, list_connections, p, sizeof(*p)) ||
        !errand_prepare(service, call, profile, p->workspace_id,
            connections_only_workspace(service->connections, p->profile), &scope))
        return;
    int r = api_request_list_connections(profile->base_url, scope.workspace_id, &request);
    errand_run(service, call, &scope, p->integration_type, r, &request, on_listed);
}

const struct varlink_method service_list_connections = {
    .name = "ListConnections",
    .parameters = list_fields,
    .size = sizeof(struct list_parameters),
    .handle = list_connections,
};

/* CreateConnection */

struct create_parameters {
    const char *profile, *integration_type, *workspace_id;
    const char *access_token, *refresh_token, *api_key, *scope;
    struct json_object *extra;
};

static const struct json_field create_fields[] = {
    {"integration_type", JSON_STRING, offsetof(struct create_parameters, integration_type), true},
    {"profile", JSON_STRING, offsetof(struct create_parameters, profile), false},
    {"workspace_id", JSON_STRING, offsetof(struct create_parameters, workspace_id), false},
    {"access_token", JSON_STRING, offsetof(struct create_parameters, access_token), false},
    {"refresh_token", JSON_STRING, offsetof(struct create_parameters, refresh_token), false},
    {"api_key", JSON_STRING, offsetof(struct create_parameters, api_key), false},
    {"scope", JSON_STRING, offsetof(struct create_parameters, scope), false},
    {"extra", JSON_STRING_MAP, offsetof(struct create_parameters, extra), false},
    {0},
};

static void on_connection_created(const struct api_reply *reply, void *userdata)
{
    _cleanup_(errand_freep) struct errand *errand = userdata;
    _cleanup_api_error_ struct api_error error = {0};
    _cleanup_buffer_ struct buffer text = {0};
    struct api_connection connection = {0};

    if (api_parse_connection(reply, &connection, &error) < 0) {
        service_fail_api(errand->call, &error);
        return;
    }
    /* Servers may write a workspace in another way than it is asked for. */
    if (string_replace(&connection.profile, errand->profile) < 0 ||
        string_replace(&connection.workspace_id, errand->workspace_id) < 0) {
        api_connection_clear(&connection);
        varlink_call_abandon(errand->call);
        return;
    }
    int r = wire_connection_alone(&text, &connection);
    int put = connections_put(errand->service->connections, &connection);
    service_reply_text(errand->call, r < 0 ? r : put, &text);
}

/* Longer than any credential known; a key file of a cloud provider has 2 KiB. */
#define CREDENTIAL_MAX ((size_t)16 * 1024)

/* No credential is empty or holds a control character: it was read from a wrong place then. */
static bool is_credential(const char *text)
{
    size_t n = 0;

    for (; text[n]; n++) {
        if ((unsigned char)text[n] < 0x20 || text[n] == 0x7f)
            return false;
    }
    return n > 0 && n <= CREDENTIAL_MAX;
}

static bool are_credentials(struct json_object *extra)
{
    json_object_object_foreach (extra, name, value) {
        if (!is_credential(name) || !is_credential(json_object_get_string(value)))
            return false;
    }
    return true;
}

/* The name of the parameter that makes no sense, or NULL. */
static const char *wrong_credentials(const struct create_parameters *p)
{
    const struct {
        const char *name, *value;
    } texts[] = {
        {"access_token", p->access_token},
        {"refresh_token", p->refresh_token},
        {"api_key", p->api_key},
        {"scope", p->scope},
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        if (texts[i].value && !is_credential(texts[i].value))
            return texts[i].name;
    }
    if (p->extra && !are_credentials(p->extra))
        return "extra";
    if (!p->access_token && !p->api_key)
        return "access_token";
    if (p->access_token && p->api_key)
        return "api_key";
    return p->api_key && p->refresh_token ? "refresh_token" : NULL;
}

static void create_connection(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct create_parameters *p = parameters;
    struct service *service = userdata;
    const struct api_credentials credentials = {
        .access_token = p->access_token,
        .refresh_token = p->refresh_token,
        .api_key = p->api_key,
        .scope = p->scope,
        .extra = p->extra,
    };
    const char *wrong = wrong_credentials(p);
    struct api_request request = {0};
    struct scope scope;

    if (!service_takes_integration(call, p->integration_type))
        return;
    if (wrong) {
        varlink_call_fail_parameter(call, wrong);
        return;
    }
    const struct profile *profile = service_profile(service, call, p->profile);
    if (!profile || service_await_key(service, call, profile, create_connection, p, sizeof(*p)) ||
        !errand_prepare(service, call, profile, p->workspace_id, NULL, &scope))
        return;
    int r = api_request_create_connection(
        profile->base_url, scope.workspace_id, p->integration_type, &credentials, &request);
    errand_run(service, call, &scope, p->integration_type, r, &request, on_connection_created);
}

const struct varlink_method service_create_connection = {
    .name = "CreateConnection",
    .parameters = create_fields,
    .size = sizeof(struct create_parameters),
    .restricted = true,
    .handle = create_connection,
};

/* DeleteConnection */

struct delete_parameters {
    const char *profile, *connection_id, *workspace_id;
};

static const struct json_field delete_fields[] = {
    {"connection_id", JSON_STRING, offsetof(struct delete_parameters, connection_id), true},
    {"profile", JSON_STRING, offsetof(struct delete_parameters, profile), false},
    {"workspace_id", JSON_STRING, offsetof(struct delete_parameters, workspace_id), false},
    {0},
};

static bool is_in_workspace(const struct connections *connections, const struct errand *errand)
{
    const struct api_connection *known = connections_find_id(connections, errand->subject);

    return known && known->workspace_id && streq(known->workspace_id, errand->workspace_id) &&
           streq_or_null(known->profile, errand->profile);
}

static void on_deleted(const struct api_reply *reply, void *userdata)
{
    _cleanup_(errand_freep) struct errand *errand = userdata;
    _cleanup_api_error_ struct api_error error = {0};
    struct connections *connections = errand->service->connections;

    if (api_parse_success(reply, &error) >= 0) {
        (void)connections_remove(connections, errand->subject);
        varlink_call_reply(errand->call, NULL);
    } else if (error.class == API_ERROR_NOT_FOUND && is_in_workspace(connections, errand)) {
        /* Somebody else has deleted it: it is forgotten here as well. */
        (void)connections_remove(connections, errand->subject);
        service_fail_with(
            errand->call, SERVICE_ERROR("NoSuchConnection"), "connection_id", errand->subject);
    } else {
        service_fail_api(errand->call, &error);
    }
}

static void delete_connection(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct delete_parameters *p = parameters;
    struct service *service = userdata;
    const struct api_connection *known =
        connections_find_id(service->connections, p->connection_id);
    const char *name = p->profile ? p->profile : known ? known->profile : NULL;
    struct api_request request = {0};
    struct scope scope;

    if (!service_text_is_plain(p->connection_id)) {
        varlink_call_fail_parameter(call, "connection_id");
        return;
    }
    if (known && !streq_or_null(known->profile, name))
        known = NULL;
    const struct profile *profile = service_profile(service, call, name);
    if (!profile || service_await_key(service, call, profile, delete_connection, p, sizeof(*p)) ||
        !errand_prepare(service, call, profile,
            p->workspace_id ? p->workspace_id
            : known         ? known->workspace_id
                            : NULL,
            NULL, &scope))
        return;
    int r = api_request_delete_connection(
        profile->base_url, scope.workspace_id, p->connection_id, &request);
    errand_run(service, call, &scope, p->connection_id, r, &request, on_deleted);
}

const struct varlink_method service_delete_connection = {
    .name = "DeleteConnection",
    .parameters = delete_fields,
    .size = sizeof(struct delete_parameters),
    .restricted = true,
    .handle = delete_connection,
};
