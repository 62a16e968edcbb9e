/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The connections that are known here, in memory: questions are answered from it, in the same time
 * however many there are. Every change is stored before it is told.
 */

#include "daemon/store/store.h"
#include "lib/api/response.h"

struct connections;

/* Told after every change. connection is borrowed. */
struct connections_handlers {
    void (*known)(const struct api_connection *connection, void *userdata);
    void (*deleted)(const char *connection_id, void *userdata);
    /* A list had entries that could not be read; see connections_problem(). */
    void (*unreadable)(const char *problem, void *userdata);
};

/* The store is borrowed. 0 or -ENOMEM. */
int connections_new(struct store *store, const struct connections_handlers *handlers,
    void *userdata, struct connections **ret);
/* Returns NULL. */
struct connections *connections_free(struct connections *connections);

/*
 * All of them are borrowed, until the next change. NULL when there is none. Profiles know nothing
 * of each other's connections; the default one has no name. Without a workspace: that of the
 * integration, in whichever workspace it was touched last.
 */
const struct api_connection *connections_find(const struct connections *connections,
    const char *profile_or_null, const char *integration_type, const char *workspace_id_or_null);
/* With a key of one workspace, connections are made without anybody naming it: the newest of the
 * integration, if its workspace is not known. */
const struct api_connection *connections_find_nameless(const struct connections *connections,
    const char *profile_or_null, const char *integration_type);
const struct api_connection *connections_find_id(
    const struct connections *connections, const char *connection_id);
/* Calls the handler for each, in no particular order, until it returns negative, which is returned.
 */
int connections_each(const struct connections *connections,
    int (*handler)(const struct api_connection *connection, void *userdata), void *userdata);
/*
 * The workspace of all connections of a profile whose workspace is known, when it is one and the
 * same; else NULL. Borrowed as above.
 */
const char *connections_only_workspace(
    const struct connections *connections, const char *profile_or_null);
unsigned connections_count(const struct connections *connections);
/* Another one once any has come or gone: until then, what connections_each() has shown stays where
 * it is. */
uint64_t connections_generation(const struct connections *connections);

/*
 * Each takes over what it is given, which is empty afterwards; stores it and tells of it.
 * 0 or negative errno: of memory. What the store could not keep is known here all the same.
 */
int connections_put(struct connections *connections, struct api_connection *connection);
int connections_remove(struct connections *connections, const char *connection_id);

/*
 * All that Airstore lists for a workspace, for the key of this profile. The list shows what was
 * there when it was asked for, at the moment that connections_moment() gave then: what has come or
 * gone here since is newer, and stays. So does what is known of entries that could not be read. The
 * workspace is the one that was asked about, however a server writes it.
 */
uint64_t connections_moment(const struct connections *connections);
int connections_replace(struct connections *connections, const char *profile_or_null,
    const char *workspace_id, uint64_t moment, struct api_connections *list);

/* What was wrong with such entries of a list, for people; NULL once the list is fine again.
 * Borrowed. */
const char *connections_problem(const struct connections *connections);

/*
 * The steps of connections_put() one by one, for those who store it together with something else:
 * knowing it, and telling of it.
 */
int connections_learn(struct connections *connections, struct api_connection *connection);
void connections_tell(const struct connections *connections, const char *connection_id);

/* So many are about to be restored: they get room at once, which is twice as fast as growing. */
void connections_expect(struct connections *connections, size_t n);

/* One that the store has from before. What is known of it here, its being deleted too, is newer.
 * Takes it over, the structure too, which free() can free. */
int connections_restore(struct connections *connections, struct api_connection *connection);

/* Stores all of them once more, into a file that lacks something. */
void connections_save_all(const struct connections *connections);
