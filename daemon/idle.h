/* SPDX-License-Identifier: MIT */
#pragma once

/* Leaving when nobody needs us: a timer that runs while nothing goes on, and is not there
 * otherwise. */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct idle;

/*
 * After everything that happens, is_idle is asked; once it has said so without a break for the
 * time, leave runs, from the loop, after everything else that waits to be done. 0 or negative
 * errno.
 */
int idle_new(sd_event *event, uint64_t usec, bool (*is_idle)(void *userdata),
    void (*leave)(void *userdata), void *userdata, struct idle **ret);
/* Returns NULL. NULL is fine. */
struct idle *idle_free(struct idle *idle);
