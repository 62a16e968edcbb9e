/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Time that passes only when a target says so, and processes that end when it does. Takes the place
 * of sd_event's timers and child sources, of the clocks and of the random numbers (by the linker's
 * --wrap; meson.build has the list), so that ten minutes take microseconds and every run of an
 * input is the same.
 */

#include <stdbool.h>
#include <stdint.h>

/* Begins anew. No timer may be left. */
void virtual_time_begin(void);

/* Lets time pass, and runs what is due in its order; settle() runs after each, and says whether to
 * go on. */
void virtual_time_pass(int64_t usec, bool (*settle)(void));

/* When the next timer is due, from now. -1 when none is. */
int64_t virtual_time_next(void);

/* How many timers and processes there are. */
unsigned virtual_time_timers(void);

/* The process that was begun last of those that run has ended: with this exit status, or killed by
 * this signal. False when there is none. */
bool virtual_child_end(int status, bool killed);
