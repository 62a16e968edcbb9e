/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/connections.h"

#include "lib/base/json.h"
#include "lib/base/memory.h"
#include "tests/sandbox/server-clock.h"

#include <errno.h>
#include <json-c/linkhash.h>

TAILQ_HEAD(connection_list, connection);

struct workspace {
    char *id;
    struct connection_list list;
};

struct connections {
    bool workspace_numbers;
    size_t n;
    int64_t last_number;
    struct lh_table *workspaces; /* by ID */
};

static struct connection *connection_free(struct connection *connection)
{
    if (connection) {
        free(connection->workspace_id);
        free(connection->integration_type);
        free(connection->scope);
        free(connection);
    }
    return NULL;
}

DEFINE_CLEANUP(struct connection *, connection_free);

static void workspace_free(struct workspace *workspace)
{
    struct connection *connection;

    while ((connection = TAILQ_FIRST(&workspace->list))) {
        TAILQ_REMOVE(&workspace->list, connection, link);
        connection_free(connection);
    }
    free(workspace->id);
    free(workspace);
}

static void workspace_free_entry(struct lh_entry *entry)
{
    workspace_free(lh_entry_v(entry));
}

int connections_new(bool workspace_numbers, struct connections **ret)
{
    _cleanup_free_ struct connections *connections = calloc(1, sizeof(*connections));

    if (!connections)
        return -ENOMEM;
    connections->workspace_numbers = workspace_numbers;
    connections->workspaces = lh_kchar_table_new(64, workspace_free_entry);
    if (!connections->workspaces)
        return -ENOMEM;

    *ret = TAKE_PTR(connections);
    return 0;
}

struct connections *connections_free(struct connections *connections)
{
    if (connections) {
        lh_table_free(connections->workspaces);
        free(connections);
    }
    return NULL;
}

bool workspace_exists(const char *workspace_id)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    if (strlen(workspace_id) > 128)
        return false;
    if (strncmp(workspace_id, "ws_", 3) == 0)
        return workspace_id[strspn(workspace_id, letters)] == '\0';
    return workspace_id[0] != '\0' && workspace_id[strspn(workspace_id, "0123456789")] == '\0';
}

static struct workspace *find_workspace(
    const struct connections *connections, const char *workspace_id)
{
    void *workspace = NULL;

    lh_table_lookup_ex(connections->workspaces, workspace_id, &workspace);
    return workspace;
}

static int find_or_add_workspace(
    struct connections *connections, const char *workspace_id, struct workspace **ret)
{
    struct workspace *workspace = find_workspace(connections, workspace_id);

    if (!workspace) {
        if (lh_table_length(connections->workspaces) >= CONNECTIONS_MAX)
            return -ENOSPC;
        workspace = calloc(1, sizeof(*workspace));
        if (!workspace)
            return -ENOMEM;
        TAILQ_INIT(&workspace->list);
        workspace->id = strdup(workspace_id);
        if (!workspace->id ||
            lh_table_insert(connections->workspaces, workspace->id, workspace) < 0) {
            workspace_free(workspace);
            return -ENOMEM;
        }
    }
    *ret = workspace;
    return 0;
}

static struct connection *find_type(struct workspace *workspace, const char *integration_type)
{
    struct connection *connection;

    TAILQ_FOREACH(connection, &workspace->list, link)
    {
        if (streq(connection->integration_type, integration_type))
            return connection;
    }
    return NULL;
}

static int add(struct connections *connections, struct workspace *workspace,
    const char *integration_type, struct timespec now, struct connection **ret)
{
    _cleanup_(connection_freep) struct connection *connection = NULL;

    if (connections->n >= CONNECTIONS_MAX)
        return -ENOSPC;
    connection = calloc(1, sizeof(*connection));
    if (!connection || string_replace(&connection->workspace_id, workspace->id) < 0 ||
        string_replace(&connection->integration_type, integration_type) < 0)
        return -ENOMEM;
    random_uuid(connection->external_id);
    connection->created_at = now;
    connection->number = ++connections->last_number;

    connections->n++;
    TAILQ_INSERT_TAIL(&workspace->list, connection, link);
    *ret = TAKE_PTR(connection);
    return 0;
}

int connections_save(struct connections *connections, const char *workspace_id,
    const char *integration_type, const char *scope_or_null, struct timespec now,
    const struct connection **ret)
{
    struct workspace *workspace;
    struct connection *connection;
    int r;

    r = find_or_add_workspace(connections, workspace_id, &workspace);
    if (r < 0)
        return r;
    connection = find_type(workspace, integration_type);
    if (!connection) {
        r = add(connections, workspace, integration_type, now, &connection);
        if (r < 0)
            return r;
    }
    r = string_replace(&connection->scope, scope_or_null);
    if (r < 0)
        return r;

    connection->updated_at = now;
    *ret = connection;
    return 0;
}

bool connections_remove(
    struct connections *connections, const char *workspace_id, const char *external_id)
{
    struct workspace *workspace = find_workspace(connections, workspace_id);
    struct connection *connection;

    if (!workspace)
        return false;
    TAILQ_FOREACH(connection, &workspace->list, link)
    {
        if (streq(connection->external_id, external_id)) {
            TAILQ_REMOVE(&workspace->list, connection, link);
            connection_free(connection);
            connections->n--;
            return true;
        }
    }
    return false;
}

/* A number that is always the same for the same workspace. */
static int64_t workspace_number(const char *id)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    if (id[strspn(id, "0123456789")] == '\0' && strlen(id) < 16)
        return strtoll(id, NULL, 10);
    for (; *id != '\0'; id++)
        hash = (hash ^ (unsigned char)*id) * 16777619U;
    return hash;
}

struct json_object *connections_describe_one(
    const struct connections *connections, const struct connection *connection)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();
    char created_at[SERVER_TIME_SIZE], updated_at[SERVER_TIME_SIZE];
    const char *workspace_id = connection->workspace_id;
    int r;

    if (!object)
        return NULL;
    r = connections->workspace_numbers
            ? json_add_integer(object, "workspace_id", workspace_number(workspace_id))
            : json_add_string(object, "workspace_id", workspace_id);
    if (r < 0 || json_add_integer(object, "id", connection->number) < 0 ||
        json_add_integer(object, "member_id", 1) < 0 ||
        json_add_string(object, "external_id", connection->external_id) < 0 ||
        json_add_string(object, "integration_type", connection->integration_type) < 0 ||
        json_add_string(object, "scope", connection->scope) < 0 ||
        json_add_string(
            object, "created_at", server_clock_rfc3339(connection->created_at, created_at)) < 0 ||
        json_add_string(
            object, "updated_at", server_clock_rfc3339(connection->updated_at, updated_at)) < 0)
        return NULL;
    return TAKE_PTR(object);
}

struct json_object *connections_describe(
    const struct connections *connections, const char *workspace_id)
{
    _cleanup_json_ struct json_object *array = json_object_new_array();
    struct workspace *workspace = find_workspace(connections, workspace_id);
    struct connection *connection;

    if (!array || !workspace)
        return TAKE_PTR(array);
    TAILQ_FOREACH(connection, &workspace->list, link)
    {
        struct json_object *object = connections_describe_one(connections, connection);
        if (!object || json_object_array_add(array, object) < 0) {
            json_object_put(object);
            return NULL;
        }
    }
    return TAKE_PTR(array);
}
