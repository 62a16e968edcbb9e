/* SPDX-License-Identifier: MIT */

/*
 * How the client of libairstore gets its answers: one transfer on the client's own curl multi
 * handle, which keeps connections between calls and whose curl_multi_poll() another thread can end;
 * and the retry rule around it.
 */

#include "lib/api/client.h"

#include "lib/api/retry.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <sys/random.h>

static bool take_result(CURLM *multi, CURLcode *ret)
{
    struct CURLMsg *message;
    int ignored;

    while ((message = curl_multi_info_read(multi, &ignored))) {
        if (message->msg == CURLMSG_DONE) {
            *ret = message->data.result;
            return true;
        }
    }
    return false;
}

static CURLcode run(struct airstore_client *client, struct transfer *transfer)
{
    CURL *handle = transfer_handle(transfer);
    CURLcode result = CURLE_OUT_OF_MEMORY;
    int running;

    if (curl_multi_add_handle(client->multi, handle) != CURLM_OK)
        return result;
    for (;;) {
        if (atomic_load(&client->cancelled)) {
            result = CURLE_ABORTED_BY_CALLBACK;
            break;
        }
        if (curl_multi_perform(client->multi, &running) != CURLM_OK ||
            take_result(client->multi, &result))
            break;
        /* Returns as soon as there is something to do; curl's own timers shorten it. */
        if (curl_multi_poll(client->multi, NULL, 0, 60 * 1000, NULL) != CURLM_OK)
            break;
    }
    curl_multi_remove_handle(client->multi, handle);
    return result;
}

static int64_t attempt_timeout(const struct airstore_client *client, int64_t deadline_usec)
{
    int64_t timeout = client->timeout_ms * USEC_PER_MSEC;

    if (deadline_usec == INT64_MAX)
        return timeout;
    int64_t left = deadline_usec - timestamp_now(CLOCK_BOOTTIME);
    if (left < USEC_PER_MSEC) /* to curl, 0 is no limit */
        left = USEC_PER_MSEC;
    return timeout == 0 || left < timeout ? left : timeout;
}

int client_attempt(struct airstore_client *client, const struct api_request *request,
    int64_t deadline_usec, struct transfer **ret, struct api_reply **ret_reply,
    struct api_error *ret_error)
{
    _cleanup_(transfer_freep) struct transfer *transfer = NULL;
    const struct transfer_options options = {
        .api_key = client->api_key,
        .timeout_usec = attempt_timeout(client, deadline_usec),
        .extra_headers = (const char *const *)client->headers,
        .user_agent = "libairstore/" VERSION,
    };

    int r = transfer_new(request, &options, &transfer);
    if (r < 0) {
        *ret_error = (struct api_error){.class = API_ERROR_MEMORY, .retry_after_usec = -1};
        return r;
    }
    struct api_reply *reply = transfer_finish(transfer, run(client, transfer));
    r = api_parse_success(reply, ret_error);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(transfer);
    *ret_reply = reply;
    return 0;
}

int client_check(const struct airstore_client *client, int built, airstore_error **ret_error)
{
    if (built == -EINVAL)
        return client_fail_text(AIRSTORE_ERROR_INVALID_ARGUMENT, ret_error,
            "An argument cannot be sent to Airstore: it is empty, too long or not UTF-8, or the "
            "integration type has other characters than a-z, 0-9, _ and -");
    if (built < 0)
        return client_fail_memory(ret_error);
    if (!client->api_key)
        return client_fail_text(AIRSTORE_ERROR_INVALID_ARGUMENT, ret_error,
            "There is no API key: set AIRSTORE_API_KEY, or call airstore_client_set_api_key()");
    return 0;
}

int client_call(struct airstore_client *client, int built, const struct api_request *request,
    struct transfer **ret, struct api_reply **ret_reply, airstore_error **ret_error)
{
    int r = client_check(client, built, ret_error);
    if (r < 0)
        return r;

    for (unsigned retry = 0;; retry++) {
        _cleanup_api_error_ struct api_error error = {0};

        r = client_attempt(client, request, INT64_MAX, ret, ret_reply, &error);
        if (r >= 0)
            return 0;
        if (retry >= client->retries || !api_error_is_retried(&error) ||
            error.retry_after_usec > API_RETRY_AFTER_PATIENCE_USEC)
            return client_fail(&error, ret_error);
        r = client_wait(
            client, api_retry_delay_usec(retry, error.retry_after_usec, client_random()));
        if (r < 0)
            return client_fail_text(
                AIRSTORE_ERROR_CANCELLED, ret_error, "The request was cancelled");
    }
}

int client_wait(struct airstore_client *client, int64_t usec)
{
    int64_t until = timestamp_now(CLOCK_BOOTTIME) + usec;

    for (;;) {
        int64_t left = until - timestamp_now(CLOCK_BOOTTIME);

        if (atomic_load(&client->cancelled))
            return -ECANCELED;
        if (left <= 0)
            return 0;
        if (left > USEC_PER_MINUTE)
            left = USEC_PER_MINUTE;
        curl_multi_poll(client->multi, NULL, 0, (int)(left / USEC_PER_MSEC) + 1, NULL);
    }
}

uint32_t client_random(void)
{
    uint32_t value = 0;

    /* Without it the jitter is none, which does no harm. */
    (void)!getrandom(&value, sizeof(value), GRND_NONBLOCK);
    return value;
}
