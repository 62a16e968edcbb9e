/* SPDX-License-Identifier: MIT */
#include "daemon/manager.h"

#include "daemon/idle.h"
#include "daemon/keys.h"
#include "daemon/list.h"
#include "daemon/log.h"
#include "daemon/net/wakeup.h"
#include "daemon/notices.h"
#include "daemon/service.h"
#include "lib/api/integration.h"
#include "lib/api/request.h"
#include "lib/api/retry.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

static const struct varlink_about about = {
    .vendor = "Airstore",
    .product = "airstore-oauthd",
    .version = VERSION,
    .url = "https://airstore.ai",
};

/* How long a store that cannot be written is left alone. */
#define CATCH_UP_USEC (5 * USEC_PER_SEC)

/* How long a daemon that is told to end waits for answers of Airstore. */
#define DRAIN_USEC ((uint64_t)5 * 1000000)

/* The connections of a profile's workspace, which Airstore is being asked for. */
struct relisting {
    struct relisting *previous, *next;
    struct manager *manager;
    struct http_request *request;
    char *profile; /* NULL for the default */
    char *workspace_id;
    uint64_t moment; /* of connections_moment() */
};

struct manager {
    sd_event *event;
    struct config *config;
    struct store *store;
    sd_event_source *catch_up; /* a timer, on while the store is behind */
    struct connections *connections;
    struct http *http;
    struct callbacks *callbacks;
    struct wakeup *wakeup;
    struct keys *keys;
    struct notices *notices;
    struct sessions *sessions;
    struct creations *creations;
    struct service service;
    struct varlink_interface interface;
    struct varlink_limits limits;
    struct varlink_server *server;
    struct relisting *relistings;
    struct idle *idle;
    sd_event_source *drain_check, *drain_end; /* while draining */
};

/* News on their way to those who watch */

/* One line for "systemctl status"; the session is the one that has changed, or NULL. */
static void report(const struct manager *manager, const struct session *session)
{
    unsigned pending = sessions_pending(manager->sessions);

    if (manager->config->mistakes)
        (void)sd_notifyf(false, "STATUS=The configuration cannot be used until it is corrected: %s",
            manager->config->mistakes);
    else if (pending == 0)
        (void)sd_notifyf(false, "STATUS=Nothing pending, %u connections known",
            connections_count(manager->connections));
    else if (pending == 1 && session && !session_is_over(session))
        (void)sd_notifyf(
            false, "STATUS=Connecting %s", integration_name(session->integration_type));
    else
        (void)sd_notifyf(false, "STATUS=%u sessions pending", pending);
}

void manager_report(const struct manager *manager)
{
    report(manager, NULL);
}

static void on_session_changed(const struct session *session, void *userdata)
{
    struct manager *manager = userdata;

    service_session_changed(&manager->service, session);
    if (session_is_over(session))
        notices_session_ended(manager->notices, session);
    report(manager, session);
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

static void on_unreadable(const char *problem, void *userdata)
{
    log_warning("%s", problem);
}

/* "Gmail is connected": on the desktop, when no program was waiting that could say so. */
static void on_ended_alone(const struct session *session, void *userdata)
{
    struct manager *manager = userdata;

    notices_ended_alone(manager->notices, session);
}

static void on_browser_failed(const struct session *session, void *userdata)
{
    struct manager *manager = userdata;

    notices_browser_failed(manager->notices, session);
}

/* As long as a session is pending, the network and sleep are of interest. */
static void on_pending(bool any, void *userdata)
{
    struct manager *manager = userdata;

    wakeup_enable(manager->wakeup, any);
}

static void on_wakeup(void *userdata)
{
    struct manager *manager = userdata;

    log_debug("The network has changed, or this computer woke up: asking at once");
    http_wake(manager->http);
    sessions_wake(manager->sessions);
}

/* What an earlier run has left */

static void on_stored_session(struct session *session, void *userdata)
{
    struct manager *manager = userdata;

    sessions_restore(manager->sessions, session);
}

static void on_stored_connection(struct api_connection *connection, void *userdata)
{
    struct manager *manager = userdata;

    (void)connections_restore(manager->connections, connection);
}

static void on_save_all(void *userdata)
{
    struct manager *manager = userdata;

    connections_save_all(manager->connections);
    sessions_save_all(manager->sessions);
}

static bool is_behind(const struct manager *manager)
{
    int enabled = SD_EVENT_OFF;

    return manager->catch_up && sd_event_source_get_enabled(manager->catch_up, &enabled) > 0;
}

static void on_store_behind(void *userdata)
{
    struct manager *manager = userdata;

    if (is_behind(manager))
        return;
    sd_event_source_set_time_relative(manager->catch_up, CATCH_UP_USEC);
    sd_event_source_set_enabled(manager->catch_up, SD_EVENT_ONESHOT);
}

static int on_catch_up(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct manager *manager = userdata;

    (void)store_catch_up(manager->store);
    return 0;
}

static void relisting_free(struct relisting *relisting)
{
    LIST_REMOVE(relisting->manager->relistings, relisting);
    http_cancel(relisting->request);
    free(relisting->profile);
    free(relisting->workspace_id);
    free(relisting);
}

static void on_relisted(const struct api_reply *reply, void *userdata)
{
    _cleanup_api_error_ struct api_error error = {0};
    struct api_connections listed = {0};
    struct relisting *relisting = userdata;

    relisting->request = NULL;
    if (api_parse_connections(reply, &listed, &error) < 0)
        log_warning(
            "The connections cannot be listed again: %s", error.message ? error.message : "");
    else
        (void)connections_replace(relisting->manager->connections, relisting->profile,
            relisting->workspace_id, relisting->moment, &listed);
    api_connections_clear(&listed);
    relisting_free(relisting);
}

static void relist(struct manager *manager, const struct profile *profile)
{
    const struct http_options options = {
        .api_key = profile->api_key,
        .timeout_usec = 20 * USEC_PER_SEC,
        .retries = API_DEFAULT_RETRIES,
    };
    struct api_request request = {0};
    struct relisting *relisting = calloc(1, sizeof(*relisting));

    if (!relisting)
        return;
    relisting->manager = manager;
    relisting->moment = connections_moment(manager->connections);
    LIST_ADD(manager->relistings, relisting);
    if (string_replace(&relisting->profile, profile->name) < 0 ||
        string_replace(&relisting->workspace_id, profile->workspace_id) < 0 ||
        api_request_list_connections(profile->base_url, profile->workspace_id, &request) < 0 ||
        http_send(manager->http, &request, &options, on_relisted, relisting, &relisting->request) <
            0)
        relisting_free(relisting);
}

/* The store was damaged: Airstore still knows the connections. */
static void relist_all(struct manager *manager)
{
    for (size_t i = 0; i < manager->config->n_profiles; i++) {
        const struct profile *profile = &manager->config->profiles[i];
        (void)keys_want(manager->keys, profile); /* on_key_looked_up() goes on */
        if (profile->api_key && profile->workspace_id)
            relist(manager, profile);
    }
}

/* Keys that are in the keyring */

static bool on_want_key(const struct profile *profile, void *userdata)
{
    struct manager *manager = userdata;

    return keys_want(manager->keys, profile);
}

static void on_key_looked_up(const struct profile *profile_or_null, void *userdata)
{
    struct manager *manager = userdata;

    if (store_was_damaged(manager->store) && profile_or_null && profile_or_null->api_key &&
        profile_or_null->workspace_id)
        relist(manager, profile_or_null);
    sessions_wake(manager->sessions);
}

static void restore(struct manager *manager)
{
    (void)store_forget_sessions(
        manager->store, timestamp_now(CLOCK_REALTIME) - SESSIONS_KEPT_USEC, SESSIONS_ENDED_MAX);
    connections_expect(manager->connections, store_count_connections(manager->store));
    (void)store_load(manager->store);
    if (store_was_damaged(manager->store))
        relist_all(manager);
}

/* The configuration */

/* What clients may make grow; see also pending_sessions_max and SERVICE_REQUESTS_MAX. */
static void set_limits(struct manager *manager)
{
    manager->limits = (struct varlink_limits){
        .connections = (unsigned)manager->config->connections_max,
        .connections_per_peer = (unsigned)manager->config->connections_per_process_max,
        .message_size = (size_t)64 * 1024,
        .queued_replies = (size_t)1024 * 1024,
        .error = SERVICE_INTERFACE ".LimitReached",
    };
}

int manager_reload(struct manager *manager, char **ret_mistakes)
{
    bool had_mistakes = manager->config->mistakes;

    int r = config_reload(manager->config, ret_mistakes);
    set_limits(manager);
    if (r >= 0 && had_mistakes) {
        if (store_was_damaged(manager->store))
            relist_all(manager);
        sessions_go_on(manager->sessions);
    }
    if (had_mistakes)
        manager_report(manager);
    return r;
}

static int on_reload(char **ret_mistakes, void *userdata)
{
    return manager_reload(userdata, ret_mistakes);
}

/* The parts */

static int make_sessions(struct manager *manager)
{
    const struct sessions_context context = {
        .event = manager->event,
        .http = manager->http,
        .callbacks = manager->callbacks,
        .store = manager->store,
        .connections = manager->connections,
        .config = manager->config,
        .changed = on_session_changed,
        .pending = on_pending,
        .ended_alone = on_ended_alone,
        .want_key = on_want_key,
        .userdata = manager,
    };

    return sessions_new(&context, &manager->sessions);
}

static int make_creations(struct manager *manager)
{
    const struct creations_context context = {
        .event = manager->event,
        .http = manager->http,
        .callbacks = manager->callbacks,
        .config = manager->config,
        .sessions = manager->sessions,
        .browser_failed = on_browser_failed,
        .userdata = manager,
    };

    return creations_new(&context, &manager->creations);
}

static int make_parts(struct manager *manager)
{
    static const struct store_handlers store_handlers = {
        .session = on_stored_session,
        .connection = on_stored_connection,
        .save_all = on_save_all,
        .behind = on_store_behind,
    };
    static const struct connections_handlers connections_handlers = {
        .known = on_connection_known,
        .deleted = on_connection_deleted,
        .unreadable = on_unreadable,
    };

    int r = sd_event_add_time(
        manager->event, &manager->catch_up, CLOCK_BOOTTIME, UINT64_MAX, 0, on_catch_up, manager);
    if (r >= 0)
        r = sd_event_source_set_enabled(manager->catch_up, SD_EVENT_OFF);
    if (r >= 0)
        r = store_open(manager->config->state_directory, &store_handlers, manager, &manager->store);
    if (r >= 0)
        r = connections_new(manager->store, &connections_handlers, manager, &manager->connections);
    if (r >= 0)
        r = http_new(manager->event, &manager->http);
    if (r >= 0)
        r = callbacks_new(manager->event, &manager->callbacks);
    if (r >= 0)
        callbacks_refuse_others(manager->callbacks, &manager->config->callback_same_user);
    if (r >= 0)
        r = keys_new(manager->event, manager->config, on_key_looked_up, manager, &manager->keys);
    if (r >= 0)
        http_on_answer(manager->http, keys_note_answer, manager->keys);
    if (r >= 0)
        r = wakeup_new(manager->event, on_wakeup, manager, &manager->wakeup);
    if (r >= 0)
        r = make_sessions(manager);
    if (r >= 0)
        r = notices_new(manager->event, manager->config, manager->sessions, &manager->notices);
    return r < 0 ? r : make_creations(manager);
}

static int make_service(struct manager *manager)
{
    manager->service = (struct service){
        .event = manager->event,
        .http = manager->http,
        .sessions = manager->sessions,
        .creations = manager->creations,
        .connections = manager->connections,
        .callbacks = manager->callbacks,
        .config = manager->config,
        .keys = manager->keys,
        .reload = on_reload,
        .userdata = manager,
        .store = manager->store,
        .started_at = timestamp_now(CLOCK_BOOTTIME),
    };
    set_limits(manager);
    service_interface(&manager->service, &manager->interface);
    int r = varlink_server_new(manager->event, &about, &manager->limits, &manager->server);
    return r < 0 ? r : varlink_server_add_interface(manager->server, &manager->interface);
}

int manager_new(sd_event *event, struct config *config, struct manager **ret)
{
    struct manager *manager = calloc(1, sizeof(*manager));

    if (!manager)
        return -ENOMEM;
    manager->event = sd_event_ref(event);
    manager->config = config;
    int r = make_parts(manager);
    if (r >= 0)
        r = make_service(manager);
    if (r < 0) {
        manager_free(manager);
        return r;
    }
    restore(manager);
    *ret = manager;
    return 0;
}

/* Ending */

static bool is_drained(const struct manager *manager)
{
    return !service_is_busy(&manager->service) && !varlink_server_is_reading(manager->server);
}

/* Runs before the loop goes to sleep. */
static int on_drain_check(sd_event_source *source, void *userdata)
{
    struct manager *manager = userdata;

    if (is_drained(manager))
        sd_event_exit(manager->event, 0);
    return 0;
}

static int on_drain_end(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct manager *manager = userdata;

    log_notice("Airstore does not answer: ending without its answers");
    sd_event_exit(manager->event, 0);
    return 0;
}

void manager_drain(struct manager *manager)
{
    varlink_server_stop(manager->server);
    if (is_drained(manager) ||
        sd_event_add_post(manager->event, &manager->drain_check, on_drain_check, manager) < 0 ||
        sd_event_add_time_relative(manager->event, &manager->drain_end, CLOCK_MONOTONIC, DRAIN_USEC,
            0, on_drain_end, manager) < 0)
        sd_event_exit(manager->event, 0);
}

static bool is_idle(void *userdata)
{
    struct manager *manager = userdata;

    return varlink_server_connections(manager->server) == 0 &&
           sessions_pending(manager->sessions) == 0 && !callbacks_address(manager->callbacks) &&
           !service_is_busy(&manager->service) && !manager->relistings && !is_behind(manager);
}

static void leave(void *userdata)
{
    log_info("Nobody has asked for anything for a while: ending until somebody does");
    (void)sd_notify(false, "STOPPING=1");
    manager_drain(userdata);
}

int manager_leave_when_idle(struct manager *manager, uint64_t usec)
{
    return idle_new(manager->event, usec, is_idle, leave, manager, &manager->idle);
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
    idle_free(manager->idle);
    sd_event_source_disable_unref(manager->drain_check);
    sd_event_source_disable_unref(manager->drain_end);
    if (manager->sessions && is_behind(manager)) /* the last chance */
        (void)store_catch_up(manager->store);
    keys_free(manager->keys);
    varlink_server_free(manager->server);
    creations_free(manager->creations);
    notices_free(manager->notices);
    sessions_free(manager->sessions);
    while (manager->relistings)
        relisting_free(manager->relistings);
    http_free(manager->http);
    callbacks_free(manager->callbacks);
    wakeup_free(manager->wakeup);
    connections_free(manager->connections);
    store_free(manager->store);
    sd_event_source_disable_unref(manager->catch_up);
    sd_event_unref(manager->event);
    free(manager);
    return NULL;
}
