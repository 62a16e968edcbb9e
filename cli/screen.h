/* SPDX-License-Identifier: MIT */
#pragma once

/* The terminal that a person may be sitting at: whether there is one, and what it can do. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* To be called first. Finds out whether people read UTF-8 here; texts are UTF-8 in any case, and
 * are measured as such from here on. */
void screen_init(void);

/* How many columns and lines the terminal has; 0 when the stream is none. */
size_t screen_width(FILE *stream);
size_t screen_height(FILE *stream);

/* Whether it takes more than text: TERM=dumb says that it does not. */
bool screen_is_capable(FILE *stream);
/* Whether colours and bold are wanted there as well: NO_COLOR says that they are not. */
bool screen_has_colours(FILE *stream);
/* Whether it shows what is not ASCII. */
bool screen_is_utf8(void);

/* What switches bold on and off: empty where there are no colours. */
const char *screen_bold(FILE *stream);
const char *screen_plain(FILE *stream);

/* Whether this came over SSH. */
bool screen_is_remote(void);
/* Whether a browser that is opened from here opens in front of whoever types here: there is a
 * display, Windows around WSL, or BROWSER, as remote editors set it, which alone counts over SSH.
 */
bool screen_has_browser(void);
