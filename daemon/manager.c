/* SPDX-License-Identifier: MIT */
#include "daemon/manager.h"

#include "daemon/log.h"
#include "daemon/service.h"
#include "lib/base/timestamp.h"

#include <errno.h>

/* What clients may make grow; see also SESSIONS_PENDING_MAX and SERVICE_REQUESTS_MAX. */
static const struct varlink_limits limits = {
    .connections = 1024,
    .connections_per_peer = 256,
    .message_size = (size_t)64 * 1024,
    .queued_replies = (size_t)1024 * 1024,
    .error = SERVICE_INTERFACE ".LimitReached",
};

static const struct varlink_about about = {
    .vendor = "Airstore",
    .product = "airstore-oauthd",
    .version = VERSION,
    .url = "https://airstore.ai",
};

struct manager {
    struct store *store;
    struct connections *connections;
    struct http *http;
    struct callbacks *callbacks;
    struct sessions *sessions;
    struct creations *creations;
    struct service service;
    struct varlink_interface interface;
    struct varlink_server *server;
};

/* News on their way to those who watch */

static void on_session_changed(const struct session *session, void *userdata)
{
    struct manager *manager = userdata;

    service_session_changed(&manager->service, session);
}

static void on_connection_known(const struct api_connection *connection, void *userdata)
{
    struct manager *manager = userdata;

    service_connection_known(&manager->service, connection);
}

static void on_connection_deleted(const char *connection_id, void *userdata)
{
    struct manager *manager = userdata;

    service_connection_deleted(&manager->service, connection_id);
}

/* What an earlier run has left */

static void restore_session(struct session *session, void *userdata)
{
    struct manager *manager = userdata;

    sessions_restore(manager->sessions, session);
}

static void restore_connection(struct api_connection *connection, void *userdata)
{
    struct manager *manager = userdata;

    (void)connections_put(manager->connections, connection, true);
    free(connection);
}

static int restore(struct manager *manager)
{
    static const struct store_handlers handlers = {
        .session = restore_session,
        .connection = restore_connection,
    };

    if (!manager->store)
        return 0;
    int r =
        store_forget_sessions(manager->store, timestamp_now(CLOCK_REALTIME) - SESSIONS_KEPT_USEC);
    return r < 0 ? r : store_load(manager->store, &handlers, manager);
}

static int make_parts(struct manager *manager, sd_event *event, const struct config *config)
{
    static const struct connections_handlers connections_handlers = {
        .known = on_connection_known,
        .deleted = on_connection_deleted,
    };

    int r = store_open(config->state_directory, &manager->store);
    if (r < 0)
        return r;
    r = connections_new(manager->store, &connections_handlers, manager, &manager->connections);
    if (r < 0)
        return r;
    r = http_new(event, &manager->http);
    if (r < 0)
        return r;
    r = callbacks_new(event, &manager->callbacks);
    if (r < 0)
        return r;
    const struct sessions_context context = {
        .event = event,
        .http = manager->http,
        .callbacks = manager->callbacks,
        .store = manager->store,
        .connections = manager->connections,
        .config = config,
        .changed = on_session_changed,
        .userdata = manager,
    };
    r = sessions_new(&context, &manager->sessions);
    if (r < 0)
        return r;
    return creations_new(manager->sessions, &manager->creations);
}

static int make_service(struct manager *manager, sd_event *event, const struct config *config)
{
    manager->service = (struct service){
        .sessions = manager->sessions,
        .creations = manager->creations,
        .connections = manager->connections,
        .callbacks = manager->callbacks,
        .config = config,
        .started_at = timestamp_now(CLOCK_BOOTTIME),
    };
    service_interface(&manager->service, &manager->interface);
    int r = varlink_server_new(event, &about, &limits, &manager->server);
    return r < 0 ? r : varlink_server_add_interface(manager->server, &manager->interface);
}

int manager_new(sd_event *event, const struct config *config, struct manager **ret)
{
    struct manager *manager = calloc(1, sizeof(*manager));

    if (!manager)
        return -ENOMEM;
    int r = make_parts(manager, event, config);
    if (r >= 0)
        r = make_service(manager, event, config);
    if (r >= 0)
        r = restore(manager);
    if (r < 0) {
        manager_free(manager);
        return r;
    }
    *ret = manager;
    return 0;
}

int manager_listen(struct manager *manager, int fd, bool restricted)
{
    return varlink_server_listen(manager->server, fd, restricted);
}

/* From those who ask to those who are asked: each part may still tell the ones freed after it. */
struct manager *manager_free(struct manager *manager)
{
    if (!manager)
        return NULL;
    varlink_server_free(manager->server);
    creations_free(manager->creations);
    sessions_free(manager->sessions);
    http_free(manager->http);
    callbacks_free(manager->callbacks);
    connections_free(manager->connections);
    store_free(manager->store);
    free(manager);
    return NULL;
}
