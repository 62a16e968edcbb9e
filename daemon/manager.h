/* SPDX-License-Identifier: MIT */
#pragma once

/* Owns every part of the daemon, and makes them know of each other. */

#include "daemon/config.h"

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct manager;

/* The configuration is borrowed, and changed by manager_reload(). 0 or negative errno. */
int manager_new(sd_event *event, struct config *config, struct manager **ret);
/* Returns NULL. */
struct manager *manager_free(struct manager *manager);

/*
 * Takes no more calls, but answers those that Airstore has been asked for already, within a few
 * seconds; then ends the loop. Clients that wait for a session are told nothing: they ask the next
 * daemon, which goes on with it.
 */
void manager_drain(struct manager *manager);

/*
 * Drains by itself once nothing has been going on for so long: no client, no pending session, no
 * browser that may come back, nothing to be stored. 0 or negative errno.
 */
int manager_leave_when_idle(struct manager *manager, uint64_t usec);

/*
 * Reads the configuration again; what is wrong with it is in the log and in *ret_mistakes, which
 * the caller frees, and it stays as it was then. What had to wait for a first one that can be used
 * goes on. 0 or negative errno.
 */
int manager_reload(struct manager *manager, char **ret_mistakes);

/* Tells systemd's "status" how things stand. */
void manager_report(const struct manager *manager);

/* Serves clients on a listening socket, which is taken over on success. 0 or negative errno. */
int manager_listen(struct manager *manager, int fd, bool restricted);
