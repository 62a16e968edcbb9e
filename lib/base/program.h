/* SPDX-License-Identifier: MIT */
#pragma once

/* Starting other programs: without a shell, in a session of their own, which Ctrl-C does not reach,
 * with nothing of ours open and with signals as a program expects them. And where our own are. */

#include <sys/types.h>

/* Where the standard files of the program lead: descriptors (borrowed); -1 is /dev/null. */
struct program_files {
    int input, output, error;
};

#define PROGRAM_SILENT ((const struct program_files){-1, -1, -1})

/* words: the program, looked up in $PATH, and its arguments, ended by NULL; they are not written
 * to. The caller waits for the process. 0 or negative errno. */
int program_start(const char *const words[], struct program_files files, pid_t *ret_pid);

/* The path of what lies beside this program, installed or not. free() it. 0 or negative errno. */
int program_beside(const char *name, char **ret);
