/* SPDX-License-Identifier: MIT */
#pragma once

/* The interface org.varlink.service, by which clients find out what a server offers. Part of every
 * server. */

#include "daemon/varlink/server.h"

/* Fills in the interface, for the server to add to itself. */
void varlink_introspection(struct varlink_server *server, struct varlink_interface *ret);

/* What it tells: the interfaces of the server, by number (NULL beyond the last), and whose server
 * it is. */
const struct varlink_interface *varlink_server_interface(
    const struct varlink_server *server, size_t i);
const struct varlink_about *varlink_server_about(const struct varlink_server *server);
