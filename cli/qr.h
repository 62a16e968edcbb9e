/* SPDX-License-Identifier: MIT */
#pragma once

/* A URL as a QR code on the terminal, for the camera of another device. */

#include <stdbool.h>

/* Says the code where stderr is a terminal that can show it whole. Returns whether a larger window
 * would: first is for the first time, when that is said. */
#if HAVE_QRENCODE
bool qr_say(const char *url, bool first);
#else
static inline bool qr_say(const char *url, bool first)
{
    return false;
}
#endif
