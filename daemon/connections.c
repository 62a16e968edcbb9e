/* SPDX-License-Identifier: MIT */
#include "daemon/connections-known.h"

#include <errno.h>
#include <limits.h>

/* So many changes are remembered, for lists that are under way and for a store that lags behind. */
#define CHANGES_MAX 4096
#define TABLE_SIZE 64 /* grows by itself */

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

char *connections_place(
    const char *profile_or_null, const char *integration_type, const char *workspace_id_or_null)
{
    const char *workspace_id = workspace_id_or_null ? workspace_id_or_null : "";
    const char *profile = profile_or_null ? profile_or_null : "";
    char *place = malloc(strlen(integration_type) + strlen(workspace_id) + strlen(profile) + 3);

    if (!place)
        return NULL;
    /* Not asprintf(): with a hundred thousand of them, it would be a third of the daemon's start.
     */
    char *at = stpcpy(place, integration_type);
    *at++ = '/';
    at = stpcpy(at, workspace_id);
    *at++ = '@';
    (void)stpcpy(at, profile);
    return place;
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
        connections_place(connection->profile, connection->integration_type, workspace_id);
    if (!place)
        return -ENOMEM;
    unsigned long hash = lh_get_hash(connections->by_place, place);
    struct lh_entry *entry = lh_table_lookup_entry_w_hash(connections->by_place, place, hash);
    if (entry) {
        if (is_newer(connection, lh_entry_v(entry)))
            lh_entry_set_val(entry, connection);
        return 0;
    }
    if (lh_table_insert_w_hash(connections->by_place, place, connection, hash, 0) < 0)
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

void connections_forget(struct connections *connections, const char *connection_id)
{
    struct lh_entry *entry = lh_table_lookup_entry(connections->by_id, connection_id);

    if (!entry)
        return;
    take_from_places(connections, lh_entry_v(entry));
    lh_table_delete_entry(connections->by_id, entry);
    connections->generation++;
}

bool connections_same_place(const struct api_connection *a, const struct api_connection *b)
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
        if (connections_same_place(old, connection)) {
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
        connections_forget(connections, connection->connection_id);
    }
    if (lh_table_insert(connections->by_id, connection->connection_id, connection) < 0)
        return -ENOMEM;
    connections->generation++;
    return put_in_places(connections, TAKE_PTR(connection));
}

/* The connection has come or gone just now. Without memory, a list that is under way may undo that.
 */
static void note_change(struct connections *connections, const char *connection_id)
{
    struct lh_entry *entry = lh_table_lookup_entry(connections->changes, connection_id);
    void *moment = (void *)(uintptr_t)++connections->moment;

    if (entry) {
        lh_entry_set_val(entry, moment);
        return;
    }
    while (lh_table_length(connections->changes) >= CHANGES_MAX)
        lh_table_delete_entry(connections->changes, connections->changes->head);
    (void)table_add(connections->changes, connection_id, moment);
}

bool connections_have_changed(
    const struct connections *connections, const char *connection_id, uint64_t moment)
{
    void *changed = NULL;

    return lh_table_lookup_ex(connections->changes, connection_id, &changed) &&
           (uintptr_t)changed > moment;
}

uint64_t connections_moment(const struct connections *connections)
{
    return connections->moment;
}

/* Takes it over into memory, and nothing else. */
int connections_take(struct connections *connections, struct api_connection *given)
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

int connections_learn(struct connections *connections, struct api_connection *given)
{
    note_change(connections, given->connection_id);
    return connections_take(connections, given);
}

void connections_expect(struct connections *connections, size_t n)
{
    /* Half of it stays free, so that few share a place in the table. Without memory, it grows as
     * always. */
    if (n < TABLE_SIZE || n > INT_MAX / 2)
        return;
    (void)lh_table_resize(connections->by_id, (int)n * 2);
    (void)lh_table_resize(connections->by_place, (int)n * 2);
}

int connections_restore(struct connections *connections, struct api_connection *taken)
{
    if (!connections_find_id(connections, taken->connection_id) &&
        !connections_have_changed(connections, taken->connection_id, 0))
        return learn(connections, taken);
    connection_free(taken);
    return 0;
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

int connections_remove(struct connections *connections, const char *connection_id)
{
    _cleanup_free_ char *id = strdup(connection_id);

    if (!id)
        return -ENOMEM;
    (void)store_delete_connection(connections->store, id);
    note_change(connections, id);
    if (!connections_find_id(connections, id))
        return 0;
    connections_forget(connections, id);
    connections->handlers.deleted(id, connections->userdata);
    return 0;
}

const struct api_connection *connections_find(const struct connections *connections,
    const char *profile_or_null, const char *integration_type, const char *workspace_id_or_null)
{
    _cleanup_free_ char *place =
        connections_place(profile_or_null, integration_type, workspace_id_or_null);
    void *found = NULL;

    if (place)
        (void)lh_table_lookup_ex(connections->by_place, place, &found);
    return found;
}

const struct api_connection *connections_find_nameless(const struct connections *connections,
    const char *profile_or_null, const char *integration_type)
{
    const struct api_connection *found =
        connections_find(connections, profile_or_null, integration_type, NULL);

    return found && !found->workspace_id ? found : NULL;
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

uint64_t connections_generation(const struct connections *connections)
{
    return connections->generation;
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
    connections->by_id = lh_kchar_table_new(TABLE_SIZE, free_value);
    connections->by_place = lh_kchar_table_new(TABLE_SIZE, table_free_key);
    connections->changes = lh_kchar_table_new(16, table_free_key);
    if (!connections->by_id || !connections->by_place || !connections->changes) {
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
    table_free(connections->by_place);
    table_free(connections->by_id);
    table_free(connections->changes);
    list_problem_clear(&connections->problem);
    free(connections);
    return NULL;
}
