/* SPDX-License-Identifier: MIT */
#pragma once

/* What the interface calls the values of the library's enumerations. */

#include <stddef.h>

struct words {
    const char *const *words; /* by their values; NULL for one that has no word */
    size_t n;
};

extern const struct words session_status_words; /* enum airstore_oauthd_session_status */
extern const struct words failure_words;        /* enum airstore_oauthd_failure */
extern const struct words authentication_words; /* enum airstore_oauthd_authentication */
extern const struct words check_result_words;   /* enum airstore_oauthd_check_result */

/* NULL when the value has no word. */
const char *word_of(const struct words *words, unsigned value);

/* The value, or -EBADMSG. */
int word_value(const struct words *words, const char *word);
