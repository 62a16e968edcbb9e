/* SPDX-License-Identifier: MIT */

/* What Airstore lists for a workspace takes the place of what was known of it. */

#include "daemon/connections-known.h"

#include <errno.h>

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
        r = table_add(ids, list->unreadable[i], NULL);
    return r;
}

/* Says so once, until it is another thing. */
static int note_problem(struct connections *connections, const char *profile,
    const char *workspace_id, const struct api_connections *list)
{
    _cleanup_free_ char *place = connections_place(profile, "", workspace_id);

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
            connections_have_changed(connections, connection->connection_id, moment))
            continue;
        r = table_add(forgotten, connection->connection_id, NULL);
        if (r < 0)
            break;
        connections_forget(connections, connection->connection_id);
    }
    return r;
}

/* What is known of the workspace now takes the place of what the store has of it. */
static void store_workspace(
    struct connections *connections, const char *profile, const char *workspace_id)
{
    struct api_connections known = {
        .items = calloc(connections_count(connections) + 1, sizeof(*known.items))};
    struct lh_entry *entry;

    if (!known.items) {
        store_miss(connections->store);
        return;
    }
    lh_foreach (connections->by_id, entry) {
        const struct api_connection *connection = lh_entry_v(entry);
        if (belongs_to(connection, profile, workspace_id))
            known.items[known.n++] = *connection; /* borrowed */
    }
    (void)store_replace_connections(connections->store, profile, workspace_id, &known);
    free(known.items);
}

static bool is_same(const struct api_connection *a, const struct api_connection *b)
{
    return connections_same_place(a, b) && streq_or_null(a->scope, b->scope) &&
           a->expires_at_usec == b->expires_at_usec && a->created_at_usec == b->created_at_usec &&
           a->updated_at_usec == b->updated_at_usec;
}

/* All of a list is known from now on, except what was deleted since. Usually it says nothing new.
 */
static int take_list(struct connections *connections, const char *profile, const char *workspace_id,
    uint64_t moment, struct api_connections *listed, struct lh_table *changed)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < listed->n; i++) {
        struct api_connection *connection = &listed->items[i];
        const struct api_connection *known =
            connections_find_id(connections, connection->connection_id);

        if (!known && connections_have_changed(connections, connection->connection_id, moment))
            continue;
        if (string_replace(&connection->profile, profile) < 0 ||
            string_replace(&connection->workspace_id, workspace_id) < 0)
            return -ENOMEM;
        if (known && is_same(known, connection))
            continue;
        r = table_add(changed, connection->connection_id, NULL);
        if (r >= 0)
            r = connections_take(connections, connection);
    }
    return r;
}

/* What has changed is stored, and then told. */
static void publish(struct connections *connections, const char *profile, const char *workspace_id,
    struct lh_table *forgotten, struct lh_table *changed)
{
    struct lh_entry *entry;

    if (lh_table_length(forgotten) + lh_table_length(changed) == 0)
        return;
    store_workspace(connections, profile, workspace_id);
    lh_foreach (forgotten, entry)
        connections->handlers.deleted(lh_entry_k(entry), connections->userdata);
    lh_foreach (changed, entry)
        connections_tell(connections, lh_entry_k(entry));
}

/* Memory first, for it decides what is newer; then the store and everybody else, which must hear of
 * what has changed even if memory ran out behind it: the next list finds nothing new there. */
int connections_replace(struct connections *connections, const char *profile_or_null,
    const char *workspace_id, uint64_t moment, struct api_connections *list)
{
    struct lh_table *listed = lh_kchar_table_new((int)list->n + 1, table_free_key);
    struct lh_table *forgotten = lh_kchar_table_new(16, table_free_key);
    struct lh_table *changed = lh_kchar_table_new(16, table_free_key);
    int r = listed && forgotten && changed ? 0 : -ENOMEM;

    for (size_t i = 0; r >= 0 && i < list->n; i++)
        r = table_add(listed, list->items[i].connection_id, NULL);
    if (r >= 0)
        r = add_unreadable(listed, list);
    if (r >= 0 && list->n_nameless == 0)
        r = forget_unlisted(connections, profile_or_null, workspace_id, moment, listed, forgotten);
    if (r >= 0)
        r = take_list(connections, profile_or_null, workspace_id, moment, list, changed);
    if (forgotten && changed)
        publish(connections, profile_or_null, workspace_id, forgotten, changed);
    if (r >= 0)
        r = note_problem(connections, profile_or_null, workspace_id, list);
    table_free(listed);
    table_free(forgotten);
    table_free(changed);
    api_connections_clear(list);
    return r;
}
