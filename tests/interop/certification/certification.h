/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * org.varlink.certification: the interface by which implementations of Varlink are tried against
 * each other. The calls of a client must come in the one right order and say the one right thing.
 */

#include "daemon/varlink/server.h"

/* How many clients may be on their way at a time; the oldest is forgotten for one more. */
#define CERTIFICATION_CLIENTS_MAX 16

struct certification {
    struct certification_client {
        char id[17];
        unsigned next; /* the number of the call that is due; 0: no client */
    } clients[CERTIFICATION_CLIENTS_MAX];
    unsigned n_started;
};

/* Fills in the interface, for the server to add. The certification, all zero at first, is borrowed
 * for as long. */
void certification_interface(struct certification *certification, struct varlink_interface *ret);
