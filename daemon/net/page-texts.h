/* SPDX-License-Identifier: MIT */
#pragma once

/* What the page says, in each language. */

#include "daemon/net/language.h"

/* In a title this stands for the integration's name. */
#define PAGE_TEXT_NAME "{}"

enum page_text {
    PAGE_TEXT_TITLE_CONNECTED,
    PAGE_TEXT_TITLE_FINISHING,
    PAGE_TEXT_TITLE_FAILED,
    PAGE_TEXT_TITLE_UNKNOWN,
    PAGE_TEXT_TITLE_GONE,
    /* Why. */
    PAGE_TEXT_CONNECTED,
    PAGE_TEXT_FINISHING,
    PAGE_TEXT_DENIED,
    PAGE_TEXT_EXPIRED,
    PAGE_TEXT_CANCELLED,
    PAGE_TEXT_UNKNOWN,
    PAGE_TEXT_GONE,
    /* What the person can do. */
    PAGE_TEXT_NEXT_CONNECTED,
    PAGE_TEXT_NEXT_FINISHING,
    PAGE_TEXT_NEXT_FAILED,
    PAGE_TEXT_NEXT_UNKNOWN,
    PAGE_TEXT_NEXT_GONE,
    PAGE_TEXT_IN_A_TERMINAL, /* introduces a command */
    PAGE_TEXT_LOOK_AGAIN,    /* a link, for browsers that do not go on by themselves */
    PAGE_TEXT_WORKSPACE,
    PAGE_TEXT_AIRSTORE_SAID, /* introduces words of Airstore or of the provider */
    PAGE_TEXT_DETAILS,       /* introduces words of ours */
    PAGE_TEXT_ORIGIN,        /* who shows this page */
    PAGE_TEXTS,
};

const char *page_text(enum language language, enum page_text text);
