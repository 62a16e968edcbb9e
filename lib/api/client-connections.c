/* SPDX-License-Identifier: MIT */

/* The connections of a workspace in libairstore: create, list, delete. */

#include "lib/api/client.h"

#include "lib/base/json.h"

#include <errno.h>

DEFINE_CLEANUP(airstore_connections *, airstore_connections_free);

airstore_connection *airstore_connection_free(airstore_connection *connection)
{
    if (!connection)
        return NULL;
    free(connection->connection_id);
    free(connection->workspace_id);
    free(connection->integration_type);
    free(connection->scope);
    free(connection);
    return NULL;
}

airstore_connections *airstore_connections_free(airstore_connections *connections)
{
    if (!connections)
        return NULL;
    for (size_t i = 0; i < connections->n; i++)
        airstore_connection_free(connections->items[i]);
    free(connections->items);
    free(connections);
    return NULL;
}

/* The public connection; the strings move over. NULL without memory: nothing has moved then. */
static airstore_connection *adopt_connection(struct api_connection *from)
{
    airstore_connection *connection = calloc(1, sizeof(*connection));

    if (!connection)
        return NULL;
    *connection = (airstore_connection){
        .connection_id = TAKE_PTR(from->connection_id),
        .workspace_id = TAKE_PTR(from->workspace_id),
        .integration_type = TAKE_PTR(from->integration_type),
        .scope = TAKE_PTR(from->scope),
        .expires_at_usec = from->expires_at_usec,
        .created_at_usec = from->created_at_usec,
        .updated_at_usec = from->updated_at_usec,
    };
    return connection;
}

/* json-c does not erase the strings that it frees, and these may be secret. */
static void extra_clear(struct json_object **extra)
{
    if (!*extra)
        return;
    json_object_object_foreach (*extra, name, value) {
        (void)name;
        explicit_bzero(
            (char *)json_object_get_string(value), (size_t)json_object_get_string_len(value));
    }
    json_object_put(*extra);
}

static int build_extra(const airstore_extra *extra, struct json_object **ret)
{
    _cleanup_(extra_clear) struct json_object *object = NULL;

    if (!extra)
        return 0;
    object = json_object_new_object();
    if (!object)
        return -ENOMEM;
    for (; extra->name; extra++) {
        if (!extra->value)
            return -EINVAL;
        int r = json_add_string(object, extra->name, extra->value);
        if (r < 0)
            return r;
    }
    *ret = TAKE_PTR(object);
    return 0;
}

static int build_request(airstore_client *client, const char *workspace_id,
    const char *integration_type, const airstore_credentials *credentials, struct api_request *ret)
{
    _cleanup_(extra_clear) struct json_object *extra = NULL;

    int r = build_extra(credentials->extra, &extra);
    if (r < 0)
        return r;
    const struct api_credentials to_send = {
        .access_token = credentials->access_token,
        .refresh_token = credentials->refresh_token,
        .api_key = credentials->api_key,
        .scope = credentials->scope,
        .extra = extra,
    };
    return api_request_create_connection(
        client->base_url, workspace_id, integration_type, &to_send, ret);
}

int airstore_create_connection(airstore_client *client, const char *workspace_id,
    const char *integration_type, const airstore_credentials *credentials,
    airstore_connection **ret, airstore_error **ret_error)
{
    _cleanup_api_request_ struct api_request request = {0};
    _cleanup_api_error_ struct api_error error = {0};
    _cleanup_(transfer_freep) struct transfer *transfer = NULL;
    _cleanup_(api_connection_clear) struct api_connection parsed = {0};
    struct api_reply *reply;

    int r = build_request(client, workspace_id, integration_type, credentials, &request);
    r = client_call(client, r, &request, &transfer, &reply, ret_error);
    if (r < 0)
        return r;
    if (api_parse_connection(reply, &parsed, &error) < 0)
        return client_fail(&error, ret_error);
    airstore_connection *connection = adopt_connection(&parsed);
    if (!connection)
        return client_fail_memory(ret_error);
    *ret = connection;
    return 0;
}

static int adopt_connections(struct api_connections *from, airstore_connections **ret)
{
    _cleanup_(airstore_connections_freep) airstore_connections *connections =
        calloc(1, sizeof(*connections));

    if (!connections)
        return -ENOMEM;
    connections->items = calloc(from->n + 1, sizeof(airstore_connection *));
    if (!connections->items)
        return -ENOMEM;
    for (; connections->n < from->n; connections->n++) {
        airstore_connection *connection = adopt_connection(&from->items[connections->n]);
        if (!connection)
            return -ENOMEM;
        connections->items[connections->n] = connection;
    }
    *ret = TAKE_PTR(connections);
    return 0;
}

int airstore_list_connections(airstore_client *client, const char *workspace_id,
    airstore_connections **ret, airstore_error **ret_error)
{
    _cleanup_api_request_ struct api_request request = {0};
    _cleanup_api_error_ struct api_error error = {0};
    _cleanup_(transfer_freep) struct transfer *transfer = NULL;
    _cleanup_(api_connections_clear) struct api_connections parsed = {0};
    struct api_reply *reply;

    int r = api_request_list_connections(client->base_url, workspace_id, &request);
    r = client_call(client, r, &request, &transfer, &reply, ret_error);
    if (r < 0)
        return r;
    if (api_parse_connections(reply, &parsed, &error) < 0)
        return client_fail(&error, ret_error);
    /* A program that is given a list takes it for the whole list. */
    if (parsed.problem.class != API_ERROR_NONE)
        return client_fail(&parsed.problem, ret_error);
    return adopt_connections(&parsed, ret) < 0 ? client_fail_memory(ret_error) : 0;
}

int airstore_delete_connection(airstore_client *client, const char *workspace_id,
    const char *connection_id, airstore_error **ret_error)
{
    _cleanup_api_request_ struct api_request request = {0};
    _cleanup_(transfer_freep) struct transfer *transfer = NULL;
    struct api_reply *reply;

    int r = api_request_delete_connection(client->base_url, workspace_id, connection_id, &request);
    return client_call(client, r, &request, &transfer, &reply, ret_error);
}
