/* SPDX-License-Identifier: MIT */
#pragma once

/* How everything here tells that it is done: problem is NULL when it went well, else a sentence for
 * people about why not. */
typedef void (*desktop_handler)(const char *problem, void *userdata);
