/* SPDX-License-Identifier: MIT */
#include "lib/api/retry.h"

#include "lib/base/memory.h"

bool api_error_is_retried(const struct api_error *error)
{
    static const int statuses[] = {408, 409, 429, 500, 502, 503, 504};

    if (error->class == API_ERROR_CONNECTION || error->class == API_ERROR_TIMEOUT)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
        if (error->status == statuses[i])
            return true;
    }
    return false;
}

bool api_error_is_transient(const struct api_error *error)
{
    return api_error_is_retried(error) || error->class == API_ERROR_SERVER ||
           error->class == API_ERROR_INVALID_REPLY || error->class == API_ERROR_MEMORY;
}

int64_t api_retry_delay_usec(unsigned retry, int64_t retry_after_usec, uint32_t random)
{
    int64_t delay = API_RETRY_FIRST_USEC;

    if (retry_after_usec >= 0)
        return retry_after_usec;

    while (retry-- > 0 && delay < API_RETRY_MAX_USEC)
        delay *= 2;
    delay += delay / 2 * random / UINT32_MAX;
    return delay < API_RETRY_MAX_USEC ? delay : API_RETRY_MAX_USEC;
}
