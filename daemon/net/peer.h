/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Whose connection it is that arrives over TCP from this machine: the kernel knows the user of the
 * socket at the other end.
 */

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/*
 * The user of the socket with the address `peer`, which is connected to `port` of the same address.
 * 0; -ENOENT when there is no such socket any more; or another negative errno when the kernel does
 * not tell. Users that have no name in our user namespace are all called 65534.
 */
int peer_user(const struct sockaddr *peer, uint16_t port, uid_t *ret);
