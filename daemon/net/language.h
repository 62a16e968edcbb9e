/* SPDX-License-Identifier: MIT */
#pragma once

/* The languages that our page speaks, and which of them a browser would like best. */

enum language {
    LANGUAGE_ENGLISH, /* also for those who speak none of these */
    LANGUAGE_GERMAN,
    LANGUAGE_FRENCH,
    LANGUAGE_SPANISH,
    LANGUAGE_CHINESE, /* Simplified; for readers of Traditional as well: nearer than English */
    LANGUAGE_JAPANESE,
    LANGUAGES,
};

/* For lang= and Content-Language: "zh-Hans". */
const char *language_tag(enum language language);

/* By the value of Accept-Language, which may be NULL, too long, or nonsense. */
enum language language_choose(const char *accept_language);
