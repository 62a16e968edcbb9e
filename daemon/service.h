/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The interface ai.airstore.OAuth: takes the parameters of its methods to sessions and connections,
 * and their answers back. Decides nothing itself. The methods about connections are in
 * service-connections.c, those about the configuration in service-configuration.c, Poll in
 * service-poll.c, Watch in service-watch.c, Diagnose in service-diagnosis.c.
 */

#include "daemon/creation.h"
#include "daemon/sessions.h"
#include "daemon/varlink/server.h"

#define SERVICE_INTERFACE "ai.airstore.OAuth"

/* Requests to Airstore that clients wait for at a time, in all. */
#define SERVICE_REQUESTS_MAX 64

struct watcher;
struct row;

struct service {
    sd_event *event;
    struct http *http;
    struct sessions *sessions;
    struct creations *creations;
    struct connections *connections;
    struct callbacks *callbacks;
    struct keys *keys;
    bool key_awaited; /* while a call goes on that has waited for its key */
    const struct config *config;
    /* Has the configuration read again: 0; or negative errno, and what is wrong with it, to be
     * freed (NULL without memory). */
    int (*reload)(char **ret_mistakes, void *userdata);
    void *userdata;
    const struct store *store;
    int64_t started_at; /* CLOCK_BOOTTIME */
    unsigned n_requests;
    struct watcher *watchers;
    struct row *row; /* of the connections, while watchers are told what is known of them */
};

/* Fills in the interface, for the server to add. The service is borrowed for as long. */
void service_interface(struct service *service, struct varlink_interface *ret);

/* Whether somebody waits for an answer of Airstore, so that this is no moment to end. */
bool service_is_busy(const struct service *service);

/* For those who watch: what has changed. */
void service_session_changed(struct service *service, const struct session *session);
void service_connection_known(struct service *service, const struct api_connection *connection);
void service_connection_deleted(struct service *service, const char *connection_id);
