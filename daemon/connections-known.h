/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the files of connections.h share: the tables that hold what is known. connections.c keeps
 * them, connections-list.c has them follow what Airstore lists.
 */

#include "daemon/connections.h"
#include "daemon/list-problem.h"
#include "lib/base/table.h"

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

/*
 * "type/workspace@profile": what is asked for, where the workspace may be left out, and the default
 * profile has no name. Integration types hold no '/' and profiles no '@', so it is unambiguous. The
 * caller frees it; NULL without memory.
 */
char *connections_place(
    const char *profile_or_null, const char *integration_type, const char *workspace_id_or_null);
/* Whether the place that it is found under stays the same. */
bool connections_same_place(const struct api_connection *a, const struct api_connection *b);

/* Takes it over into memory, and nothing else. 0 or -ENOMEM. */
int connections_take(struct connections *connections, struct api_connection *given);
/* Out of memory with it, and nothing else. */
void connections_forget(struct connections *connections, const char *connection_id);
/* Whether it has come or gone by itself since that connections_moment(). */
bool connections_have_changed(
    const struct connections *connections, const char *connection_id, uint64_t moment);
