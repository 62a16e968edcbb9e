/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The page that ends the flow in the browser: one HTML document without scripts or anything to
 * load, that says what became of the session. Pure text; who serves it is no matter of this file.
 */

#include "lib/base/buffer.h"

enum page_outcome {
    PAGE_CONNECTED,
    PAGE_FINISHING, /* Airstore has not confirmed yet; the page asks again by itself */
    PAGE_FAILED,
};

struct page {
    enum page_outcome outcome;
    const char *integration_name;
    const char *workspace_id; /* or NULL */
    const char *reason;       /* why it failed, or NULL */
};

#define PAGE_POLICY_SIZE 160

/*
 * Renders it into the (empty) buffer, and the Content-Security-Policy that goes with it into the
 * text. 0 or -ENOMEM.
 */
int page_render(const struct page *page, struct buffer *html, char policy[static PAGE_POLICY_SIZE]);
