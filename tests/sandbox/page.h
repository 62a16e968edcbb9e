/* SPDX-License-Identifier: MIT */
#pragma once

/* The look of the pages that people see: static HTML, no script, light and dark. */

#include "tests/sandbox/http.h"

/* Replaces status and body. title and content are HTML; the caller has escaped what needs it.
 * 0 or -ENOMEM. */
int page_write(struct http_reply *reply, unsigned status, const char *title, const char *content);
