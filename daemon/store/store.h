/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What survives the daemon: sessions and connections in an SQLite database, written so that
 * whatever returned 0 is on the disk. Pending sessions are kept with their authorize URL, so that
 * they go on after a restart; it is removed when they end. Never holds credentials.
 */

#include "daemon/session.h"
#include "lib/api/response.h"

struct store;

/* Hands out everything. The handlers own what they are given. A row that makes no sense is logged
 * and left out. */
struct store_handlers {
    void (*session)(struct session *session, void *userdata);
    void (*connection)(struct api_connection *connection, void *userdata);
    /* Saves every session and connection that is known, of which there is nothing in the file. */
    void (*save_all)(void *userdata);
    /* The file lacks something: store_catch_up() is to be called in a while. */
    void (*behind)(void *userdata);
};

/*
 * Opens or creates DIRECTORY/oauthd.db, readable by its owner only. A damaged file is moved aside,
 * and a new one begun. When the file cannot be used at all, the store works all the same: it keeps
 * nothing, says so in store_problem(), and is behind. 0; -ENOMEM; or -EPROTONOSUPPORT when a newer
 * version of the daemon has written the file, which was not touched.
 */
int store_open(const char *directory, const struct store_handlers *handlers, void *userdata,
    struct store **ret);
/* Returns NULL. */
struct store *store_free(struct store *store);
DEFINE_CLEANUP(struct store *, store_free);

/* Something could not even be handed over to be written, for want of memory: the store is behind.
 */
void store_miss(struct store *store);

/* Opens the file if that was not possible before, and writes all that is known in one transaction.
 * 0 or negative errno: it is still behind. */
int store_catch_up(struct store *store);

/* What is wrong now, or went wrong when it was opened: a sentence for people, or NULL. Borrowed
 * until the next call. */
const char *store_problem(const struct store *store);

/* Whether the file was damaged when it was opened, so that what is known of it has to come from
 * Airstore. */
bool store_was_damaged(const struct store *store);

/* Each is one transaction that is on the disk when 0 is returned. Negative errno: nothing was
 * changed, and the store is behind. What is wrong is logged when it begins and when it is over. */
int store_save_session(struct store *store, const struct session *session);
int store_save_completion(
    struct store *store, const struct session *session, const struct api_connection *connection);
int store_save_connection(struct store *store, const struct api_connection *connection);
int store_delete_connection(struct store *store, const char *connection_id);
/* What Airstore lists for a workspace takes the place of all that is known of it by this profile's
 * key. */
int store_replace_connections(struct store *store, const char *profile_or_null,
    const char *workspace_id, const struct api_connections *connections);
/* Forgets sessions that ended before this time (since 1970), and all but the newest of those that
 * ended. */
int store_forget_sessions(struct store *store, int64_t ended_before, int64_t kept_max);

/* How many connections are kept; 0 when that cannot be told. */
size_t store_count_connections(struct store *store);

/* Calls the handlers with everything that is kept. 0 or negative errno. */
int store_load(struct store *store);
