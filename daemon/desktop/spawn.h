/* SPDX-License-Identifier: MIT */
#pragma once

/* Starting other programs: without a shell, in a session of their own, with nothing of ours open.
 */

#include <sys/types.h>
#include <systemd/sd-event.h>

/* words: the program, looked up in $PATH, and its arguments, ended by NULL. Its input and output
 * are /dev/null. 0 or negative errno. */
int spawn_program(char *const words[], pid_t *ret_pid);

/*
 * The same for one that nobody waits for: its standard input is the descriptor (borrowed), its
 * standard error ours. Collected by the loop when it ends; SIGCHLD is blocked.
 */
int spawn_detached(sd_event *event, char *const words[], int input_fd);
