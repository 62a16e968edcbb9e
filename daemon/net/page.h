/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The page that ends the flow in the browser: one HTML document without scripts or anything to
 * load, that says what became of the session, in the person's language. Pure text; who serves it is
 * no matter of this file. How it looks is in page.css, what it says in page-texts.c.
 */

#include "daemon/net/language.h"
#include "lib/base/buffer.h"

enum page_outcome {
    PAGE_CONNECTED,
    PAGE_FINISHING, /* Airstore has not confirmed yet; the page asks again by itself */
    PAGE_DENIED,
    PAGE_EXPIRED,
    PAGE_CANCELLED,
    PAGE_UNKNOWN, /* Airstore cannot say what became of it */
    PAGE_GONE,    /* no session is known here that this could be the page of */
    PAGE_OUTCOMES,
};

struct page {
    enum page_outcome outcome;
    enum language language;
    const char *integration_name; /* not for PAGE_GONE */
    const char *workspace_id;     /* or NULL */
    const char *words;            /* what others said of it, in English; shown as theirs; or NULL */
    const char *command;          /* what the person can type next, or NULL */
    unsigned again_sec;           /* PAGE_FINISHING: how long until the page asks again */
};

/* The query of the URL when the page asks again by itself. */
#define PAGE_AGAIN "again"

#define PAGE_POLICY_SIZE 192

/*
 * Renders it into the (empty) buffer, and the Content-Security-Policy that goes with it into the
 * text. 0 or -ENOMEM.
 */
int page_render(const struct page *page, struct buffer *html, char policy[static PAGE_POLICY_SIZE]);
