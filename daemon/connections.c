/* SPDX-License-Identifier: MIT */
#include "daemon/connections.h"

#include "daemon/list-problem.h"

#include <errno.h>
#include <json-c/linkhash.h>

struct connections {
    struct store *store;
    struct connections_handlers handlers;
    void *userdata;
    struct lh_table
        *by_id; /* connection ID (borrowed from the value) to struct api_connection, owned */
    struct lh_table *by_place; /* places (owned) to the same, borrowed */
    struct lh_table
        *changes;        /* IDs (owned) that came or went by themselves to the moment of that */
    uint64_t moment;     /* counts these changes */
    uint64_t generation; /* counts what was added to by_id and taken from it */
    struct list_problem problem;
};

/* So many changes are remembered, for lists that are under way and for a store that lags behind. */
#define CHANGES_MAX 4096

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
        place_of(connection->profile, connection->integration_type, workspace_id);
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

static void forget(struct connections *connections, const char *connection_id)
{
    struct lh_entry *entry = lh_table_lookup_entry(connections->by_id, connection_id);

    if (!entry)
        return;
    take_from_places(connections, lh_entry_v(entry));
    lh_table_delete_entry(connections->by_id, entry);
    connections->generation++;
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
    char *id = strdup(connection_id);
    if (id && lh_table_insert(connections->changes, id, moment) < 0)
        free(id);
}

static bool has_changed_since(
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
static int take(struct connections *connections, struct api_connection *given)
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
    return take(connections, given);
}

int connections_restore(struct connections *connections, struct api_connection *given)
{
    if (!connections_find_id(connections, given->connection_id) &&
        !has_changed_since(connections, given->connection_id, 0))
        return take(connections, given);
    api_connection_clear(given);
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

/* Lists */

/* A set of IDs, which it owns. */
static int add_id(struct lh_table *ids, const char *connection_id)
{
    char *id = strdup(connection_id);

    if (!id || lh_table_insert(ids, id, NULL) < 0) {
        free(id);
        return -ENOMEM;
    }
    return 0;
}

static bool belongs_to(
    const struct api_connection *connection, const char *profile, const char *workspace_id)
{
    return connection->workspace_id && streq(connection->workspace_id, workspace_id) &&
           streq_or_null(connection->profile, profile);
}

/* What is listed so that it cannot be read is there all the same. */
static int add_unreadable(struct lh_table *ids, const struct api_connections *list)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < list->n_unreadable; i++)
        r = add_id(ids, list->unreadable[i]);
    return r;
}

/* Says so once, until it is another thing. */
static int note_problem(struct connections *connections, const char *profile,
    const char *workspace_id, const struct api_connections *list)
{
    _cleanup_free_ char *place = place_of(profile, "", workspace_id);

    if (!place)
        return -ENOMEM;
    int r = list_problem_note(&connections->problem, place, workspace_id, list);
    if (r > 0)
        connections->handlers.unreadable(connections->problem.text, connections->userdata);
    return r < 0 ? r : 0;
}

const char *connections_problem(const struct connections *connections)
{
    return connections->problem.text;
}

/* Forgets what Airstore no longer lists, unless it has come since. */
static int forget_unlisted(struct connections *connections, const char *profile,
    const char *workspace_id, uint64_t moment, struct lh_table *listed, struct lh_table *forgotten)
{
    struct lh_entry *entry, *next;
    int r = 0;

    lh_foreach_safe (connections->by_id, entry, next) {
        const struct api_connection *connection = lh_entry_v(entry);

        if (!belongs_to(connection, profile, workspace_id) ||
            lh_table_lookup_entry(listed, connection->connection_id) ||
            has_changed_since(connections, connection->connection_id, moment))
            continue;
        r = add_id(forgotten, connection->connection_id);
        if (r < 0)
            break;
        forget(connections, connection->connection_id);
    }
    return r;
}

/* What is known of the workspace now takes the place of what the store has of it. */
static int store_workspace(
    struct connections *connections, const char *profile, const char *workspace_id)
{
    struct api_connections known = {
        .items = calloc(connections_count(connections) + 1, sizeof(*known.items))};
    struct lh_entry *entry;

    if (!known.items)
        return -ENOMEM;
    lh_foreach (connections->by_id, entry) {
        const struct api_connection *connection = lh_entry_v(entry);
        if (belongs_to(connection, profile, workspace_id))
            known.items[known.n++] = *connection; /* borrowed */
    }
    int r = store_replace_connections(connections->store, profile, workspace_id, &known);
    free(known.items);
    return r;
}

/* All of a list is known from now on, except what was deleted since. */
static int take_list(struct connections *connections, const char *profile, const char *workspace_id,
    uint64_t moment, struct api_connections *listed)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < listed->n; i++) {
        struct api_connection *connection = &listed->items[i];

        if (has_changed_since(connections, connection->connection_id, moment) &&
            !connections_find_id(connections, connection->connection_id))
            continue;
        if (string_replace(&connection->profile, profile) < 0 ||
            string_replace(&connection->workspace_id, workspace_id) < 0)
            return -ENOMEM;
        r = take(connections, connection);
    }
    return r;
}

static void tell_all(
    const struct connections *connections, struct lh_table *forgotten, struct lh_table *listed)
{
    struct lh_entry *entry;

    lh_foreach (forgotten, entry)
        connections->handlers.deleted(lh_entry_k(entry), connections->userdata);
    lh_foreach (listed, entry)
        connections_tell(connections, lh_entry_k(entry));
}

/* Memory first, for it decides what is newer; then the store; and then everybody else. */
int connections_replace(struct connections *connections, const char *profile_or_null,
    const char *workspace_id, uint64_t moment, struct api_connections *list)
{
    struct lh_table *listed = lh_kchar_table_new((int)list->n + 1, free_key);
    struct lh_table *forgotten = lh_kchar_table_new(16, free_key);
    int r = listed && forgotten ? 0 : -ENOMEM;

    for (size_t i = 0; r >= 0 && i < list->n; i++)
        r = add_id(listed, list->items[i].connection_id);
    if (r >= 0)
        r = add_unreadable(listed, list);
    if (r >= 0 && list->n_nameless == 0)
        r = forget_unlisted(connections, profile_or_null, workspace_id, moment, listed, forgotten);
    if (r >= 0)
        r = take_list(connections, profile_or_null, workspace_id, moment, list);
    if (r >= 0) {
        (void)store_workspace(connections, profile_or_null, workspace_id);
        tell_all(connections, forgotten, listed);
        r = note_problem(connections, profile_or_null, workspace_id, list);
    }
    if (listed)
        lh_table_free(listed);
    if (forgotten)
        lh_table_free(forgotten);
    api_connections_clear(list);
    return r;
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
    connections->by_id = lh_kchar_table_new(64, free_value);
    connections->by_place = lh_kchar_table_new(64, free_key);
    connections->changes = lh_kchar_table_new(16, free_key);
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
    if (connections->by_place)
        lh_table_free(connections->by_place);
    if (connections->by_id)
        lh_table_free(connections->by_id);
    if (connections->changes)
        lh_table_free(connections->changes);
    list_problem_clear(&connections->problem);
    free(connections);
    return NULL;
}
