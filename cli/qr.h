/* SPDX-License-Identifier: MIT */
#pragma once

/* A URL as a QR code on the terminal, for the camera of another device. */

/* Says the code where stderr is a terminal that can show it whole; otherwise nothing. */
#if HAVE_QRENCODE
void qr_say(const char *url);
#else
static inline void qr_say(const char *url) {}
#endif
