/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The connections of every workspace: one a workspace and integration type. Connecting again keeps
 * the ID and moves updated_at. Credentials are not kept: a stand-in has no use for them.
 */

#include "tests/sandbox/random.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

/* In all workspaces together; more are refused. */
#define CONNECTIONS_MAX 100000

struct connection {
    char external_id[UUID_SIZE];
    int64_t number; /* the server's own, which clients have no use for */
    char *workspace_id;
    char *integration_type;
    char *scope; /* NULL when there is none */
    struct timespec created_at, updated_at;
    TAILQ_ENTRY(connection) link;
};

struct connections;

/* workspace_numbers: write workspace_id as a number, as self-hosted servers do. 0 or -ENOMEM. */
int connections_new(bool workspace_numbers, struct connections **ret);
struct connections *connections_free(struct connections *connections);

/* Whether there is such a workspace: every ID that begins with "ws_" or consists of digits names
 * one. */
bool workspace_exists(const char *workspace_id);

/* Adds or renews. 0, -ENOMEM, or -ENOSPC. The connection stays owned by the connections. */
int connections_save(struct connections *connections, const char *workspace_id,
    const char *integration_type, const char *scope_or_null, struct timespec now,
    const struct connection **ret);

/* Whether there was one. */
bool connections_remove(
    struct connections *connections, const char *workspace_id, const char *external_id);

/* As the API shows them. NULL when memory is short. */
struct json_object *connections_describe_one(
    const struct connections *connections, const struct connection *connection);
struct json_object *connections_describe(
    const struct connections *connections, const char *workspace_id);
