/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A program that speaks Varlink with what is fuzzed, over a socket: it says what the input says,
 * and whatever it is told must be Varlink to the letter and have no secret in it.
 */

#include "lib/base/buffer.h"
#include "lib/varlink/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

struct peer {
    int fd;                  /* -1 when it is not connected */
    bool deaf;               /* reads nothing */
    unsigned calls, replies; /* those that want a reply, and final replies */
    bool more;               /* has ever asked for more than one */
    struct buffer out;       /* the call that is not whole yet */
    struct buffer in;        /* the same of what it is told */
    /* What it has called, and was told. */
    void (*on_call)(const struct varlink_call_message *call); /* or NULL */
    void (*on_reply)(
        struct peer *peer, const char *text, const struct varlink_reply_message *message);
};

/* As much as there is room for. */
void peer_say(struct peer *peer, const void *bytes, size_t size);

/* Takes what it has been sent; it hangs up when the other side has. */
void peer_listen(struct peer *peer);

/* It can be connected again. */
void peer_hang_up(struct peer *peer);

/* Runs what can be run without time passing. False once the loop has been left. */
bool peers_settle(struct peer *peers, size_t n, sd_event *event);
