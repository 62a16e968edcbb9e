/* SPDX-License-Identifier: MIT */
#include "daemon/connections.h"

#include <errno.h>
#include <json-c/linkhash.h>
#include <stdio.h>

struct connections {
    struct store *store;
    struct connections_handlers handlers;
    void *userdata;
    struct lh_table
        *by_id; /* connection ID (borrowed from the value) to struct api_connection, owned */
    struct lh_table *by_place; /* places (owned) to the same, borrowed */
};

static struct api_connection *connection_free(struct api_connection *connection)
{
    if (connection) {
        api_connection_clear(connection);
        free(connection);
    }
    return NULL;
}
DEFINE_CLEANUP(struct api_connection *, connection_free);

static void free_value(struct lh_entry *entry)
{
    connection_free(lh_entry_v(entry));
}

static void free_key(struct lh_entry *entry)
{
    free(lh_entry_k(entry));
}

/*
 * "type/workspace@profile": what is asked for, where the workspace may be left out, and the default
 * profile has no name. Integration types hold no '/' and profiles no '@', so it is unambiguous.
 */
static char *place_of(
    const char *profile_or_null, const char *integration_type, const char *workspace_id_or_null)
{
    char *place;
    int n = asprintf(&place, "%s/%s@%s", integration_type,
        workspace_id_or_null ? workspace_id_or_null : "", profile_or_null ? profile_or_null : "");

    return n < 0 ? NULL : place;
}

static bool is_newer(const struct api_connection *a, const struct api_connection *b)
{
    return a->updated_at_usec < 0 || b->updated_at_usec < 0 ||
           a->updated_at_usec >= b->updated_at_usec;
}

/* Makes it the answer for its place, unless a newer one stands there. */
static int put_in_place(
    struct connections *connections, const char *workspace_id, struct api_connection *connection)
{
    _cleanup_free_ char *place =
        place_of(connection->profile, connection->integration_type, workspace_id);
    struct lh_entry *entry = place ? lh_table_lookup_entry(connections->by_place, place) : NULL;

    if (!place)
        return -ENOMEM;
    if (entry) {
        if (is_newer(connection, lh_entry_v(entry)))
            lh_entry_set_val(entry, connection);
        return 0;
    }
    if (lh_table_insert(connections->by_place, place, connection) < 0)
        return -ENOMEM;
    (void)TAKE_PTR(place);
    return 0;
}

static int put_in_places(struct connections *connections, struct api_connection *connection)
{
    int r = put_in_place(connections, NULL, connection);

    if (r < 0 || !connection->workspace_id)
        return r;
    return put_in_place(connections, connection->workspace_id, connection);
}

/* It is not the answer for any place any more; others that fit may be. */
static void take_from_places(
    struct connections *connections, const struct api_connection *connection)
{
    struct lh_entry *entry, *next;
    bool taken = false;

    lh_foreach_safe (connections->by_place, entry, next) {
        if (lh_entry_v(entry) == connection) {
            lh_table_delete_entry(connections->by_place, entry);
            taken = true;
        }
    }
    if (!taken)
        return;
    lh_foreach (connections->by_id, entry) {
        struct api_connection *other = lh_entry_v(entry);
        if (other != connection && streq(other->integration_type, connection->integration_type))
            (void)put_in_places(connections, other);
    }
}

static void forget(struct connections *connections, const char *connection_id)
{
    struct lh_entry *entry = lh_table_lookup_entry(connections->by_id, connection_id);

    if (!entry)
        return;
    take_from_places(connections, lh_entry_v(entry));
    lh_table_delete_entry(connections->by_id, entry);
}

/* Whether the place that it is found under stays the same. */
static bool same_place(const struct api_connection *a, const struct api_connection *b)
{
    return streq(a->integration_type, b->integration_type) &&
           streq_or_null(a->workspace_id, b->workspace_id) && streq_or_null(a->profile, b->profile);
}

/* Adds or replaces it in memory. Takes the connection over. */
static int learn(struct connections *connections, struct api_connection *taken)
{
    _cleanup_(connection_freep) struct api_connection *connection = taken;
    struct api_connection *old = NULL;

    if (lh_table_lookup_ex(connections->by_id, connection->connection_id, (void **)&old)) {
        if (same_place(old, connection)) {
            struct api_connection swapped = *old;
            /* The same object goes on, so that the places that point at it do. Its key, the ID,
             * stays too. */
            *old = *connection;
            *connection = swapped;
            char *id = old->connection_id;
            old->connection_id = connection->connection_id;
            connection->connection_id = id;
            return put_in_places(connections, old);
        }
        forget(connections, connection->connection_id);
    }
    if (lh_table_insert(connections->by_id, connection->connection_id, connection) < 0)
        return -ENOMEM;
    return put_in_places(connections, TAKE_PTR(connection));
}

int connections_learn(struct connections *connections, struct api_connection *given)
{
    struct api_connection *connection = calloc(1, sizeof(*connection));

    if (!connection) {
        api_connection_clear(given);
        return -ENOMEM;
    }
    *connection = *given;
    *given = (struct api_connection){0};
    return learn(connections, connection);
}

void connections_tell(const struct connections *connections, const char *connection_id)
{
    const struct api_connection *connection = connections_find_id(connections, connection_id);

    if (connection)
        connections->handlers.known(connection, connections->userdata);
}

int connections_put(struct connections *connections, struct api_connection *given)
{
    _cleanup_free_ char *id = strdup(given->connection_id);

    if (!id) {
        api_connection_clear(given);
        return -ENOMEM;
    }
    (void)store_save_connection(connections->store, given);
    int r = connections_learn(connections, given);
    if (r >= 0)
        connections_tell(connections, id);
    return r;
}

static int save(const struct api_connection *connection, void *userdata)
{
    return store_save_connection(userdata, connection);
}

void connections_save_all(const struct connections *connections)
{
    (void)connections_each(connections, save, connections->store);
}

/* The IDs of a list, borrowed from it, to look up in. */
static struct lh_table *ids_of(const struct api_connections *listed)
{
    struct lh_table *ids = lh_kchar_table_new((int)listed->n + 1, NULL);

    for (size_t i = 0; ids && i < listed->n; i++) {
        if (lh_table_insert(ids, listed->items[i].connection_id, NULL) < 0) {
            lh_table_free(ids);
            ids = NULL;
        }
    }
    return ids;
}

/* Forgets what Airstore no longer lists for the workspace. */
static void forget_unlisted(struct connections *connections, const char *profile,
    const char *workspace_id, struct lh_table *listed_ids)
{
    struct lh_entry *entry, *next;

    lh_foreach_safe (connections->by_id, entry, next) {
        const struct api_connection *connection = lh_entry_v(entry);
        if (!connection->workspace_id || !streq(connection->workspace_id, workspace_id) ||
            !streq_or_null(connection->profile, profile) ||
            lh_table_lookup_entry(listed_ids, connection->connection_id))
            continue;
        _cleanup_free_ char *id = strdup(connection->connection_id);
        forget(connections, connection->connection_id);
        if (id)
            connections->handlers.deleted(id, connections->userdata);
    }
}

int connections_replace(struct connections *connections, const char *profile_or_null,
    const char *workspace_id, struct api_connections *listed)
{
    struct lh_table *ids = ids_of(listed);
    int r = ids ? 0 : -ENOMEM;

    for (size_t i = 0; r >= 0 && i < listed->n; i++)
        r = string_replace(&listed->items[i].profile, profile_or_null);
    if (r >= 0) {
        (void)store_replace_connections(connections->store, profile_or_null, workspace_id, listed);
        forget_unlisted(connections, profile_or_null, workspace_id, ids);
    }
    if (ids)
        lh_table_free(ids);
    for (size_t i = 0; r >= 0 && i < listed->n; i++) {
        _cleanup_free_ char *id = strdup(listed->items[i].connection_id);
        r = connections_learn(connections, &listed->items[i]);
        if (r >= 0 && id)
            connections_tell(connections, id);
    }
    api_connections_clear(listed);
    return r;
}

int connections_remove(struct connections *connections, const char *connection_id)
{
    _cleanup_free_ char *id = strdup(connection_id);

    if (!id)
        return -ENOMEM;
    (void)store_delete_connection(connections->store, id);
    if (!connections_find_id(connections, id))
        return 0;
    forget(connections, id);
    connections->handlers.deleted(id, connections->userdata);
    return 0;
}

const struct api_connection *connections_find(const struct connections *connections,
    const char *profile_or_null, const char *integration_type, const char *workspace_id_or_null)
{
    _cleanup_free_ char *place = place_of(profile_or_null, integration_type, workspace_id_or_null);
    void *found = NULL;

    if (place)
        (void)lh_table_lookup_ex(connections->by_place, place, &found);
    return found;
}

const struct api_connection *connections_find_id(
    const struct connections *connections, const char *connection_id)
{
    void *found = NULL;

    (void)lh_table_lookup_ex(connections->by_id, connection_id, &found);
    return found;
}

int connections_each(const struct connections *connections,
    int (*handler)(const struct api_connection *connection, void *userdata), void *userdata)
{
    struct lh_entry *entry;
    int r = 0;

    lh_foreach (connections->by_id, entry) {
        r = handler(lh_entry_v(entry), userdata);
        if (r < 0)
            break;
    }
    return r;
}

const char *connections_only_workspace(
    const struct connections *connections, const char *profile_or_null)
{
    const char *workspace_id = NULL;
    struct lh_entry *entry;

    lh_foreach (connections->by_id, entry) {
        const struct api_connection *connection = lh_entry_v(entry);
        if (!connection->workspace_id || !streq_or_null(connection->profile, profile_or_null))
            continue;
        if (workspace_id && !streq(workspace_id, connection->workspace_id))
            return NULL;
        workspace_id = connection->workspace_id;
    }
    return workspace_id;
}

unsigned connections_count(const struct connections *connections)
{
    return (unsigned)lh_table_length(connections->by_id);
}

int connections_new(struct store *store, const struct connections_handlers *handlers,
    void *userdata, struct connections **ret)
{
    struct connections *connections = calloc(1, sizeof(*connections));

    if (!connections)
        return -ENOMEM;
    connections->store = store;
    connections->handlers = *handlers;
    connections->userdata = userdata;
    connections->by_id = lh_kchar_table_new(64, free_value);
    connections->by_place = lh_kchar_table_new(64, free_key);
    if (!connections->by_id || !connections->by_place) {
        connections_free(connections);
        return -ENOMEM;
    }
    *ret = connections;
    return 0;
}

struct connections *connections_free(struct connections *connections)
{
    if (!connections)
        return NULL;
    if (connections->by_place)
        lh_table_free(connections->by_place);
    if (connections->by_id)
        lh_table_free(connections->by_id);
    free(connections);
    return NULL;
}
