/* SPDX-License-Identifier: MIT */
#include "lib/oauthd/words.h"

#include "lib/airstore-oauthd.h"
#include "lib/base/memory.h"

#include <errno.h>

static const char *const session_statuses[] = {
    [AIRSTORE_OAUTHD_PENDING] = "pending",
    [AIRSTORE_OAUTHD_COMPLETE] = "complete",
    [AIRSTORE_OAUTHD_ERROR] = "error",
};

static const char *const failures[] = {
    [AIRSTORE_OAUTHD_FAILURE_DENIED] = "denied",
    [AIRSTORE_OAUTHD_FAILURE_EXPIRED] = "expired",
    [AIRSTORE_OAUTHD_FAILURE_CANCELLED] = "cancelled",
    [AIRSTORE_OAUTHD_FAILURE_UNKNOWN] = "unknown",
    [AIRSTORE_OAUTHD_FAILURE_UNAUTHORIZED] = "unauthorized",
};

static const char *const authentications[] = {
    [AIRSTORE_OAUTHD_OAUTH] = "oauth",
    [AIRSTORE_OAUTHD_OAUTH_OR_TOKEN] = "oauth_or_token",
    [AIRSTORE_OAUTHD_API_KEY] = "api_key",
};

static const char *const check_results[] = {
    [AIRSTORE_OAUTHD_CHECK_OK] = "ok",
    [AIRSTORE_OAUTHD_CHECK_WARNING] = "warning",
    [AIRSTORE_OAUTHD_CHECK_WRONG] = "wrong",
};

const struct words session_status_words = {session_statuses, ARRAY_SIZE(session_statuses)},
                   failure_words = {failures, ARRAY_SIZE(failures)},
                   authentication_words = {authentications, ARRAY_SIZE(authentications)},
                   check_result_words = {check_results, ARRAY_SIZE(check_results)};

const char *word_of(const struct words *words, unsigned value)
{
    return value < words->n ? words->words[value] : NULL;
}

int word_value(const struct words *words, const char *word)
{
    for (size_t i = 0; i < words->n; i++) {
        if (words->words[i] && streq(words->words[i], word))
            return (int)i;
    }
    return -EBADMSG;
}
