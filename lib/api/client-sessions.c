/* SPDX-License-Identifier: MIT */

/* OAuth sessions in libairstore: create one, look at it, poll it. */

#include "lib/api/client.h"

#include "lib/api/retry.h"
#include "lib/base/timestamp.h"

#include <errno.h>

#define INTERVAL_MIN_MS 100

DEFINE_CLEANUP(airstore_session *, airstore_session_free);

airstore_session *airstore_session_free(airstore_session *session)
{
    if (!session)
        return NULL;
    free(session->session_id);
    secret_free(session->authorize_url);
    free(session->connection_id);
    free(session->error);
    free(session);
    return NULL;
}

int airstore_create_session(airstore_client *client, const char *integration_type,
    const char *workspace_id_or_null, const char *return_to_or_null, airstore_session **ret,
    airstore_error **ret_error)
{
    _cleanup_api_request_ struct api_request request = {0};
    _cleanup_api_error_ struct api_error error = {0};
    _cleanup_(transfer_freep) struct transfer *transfer = NULL;
    struct api_created_session created;
    struct api_reply *reply;

    int r = api_request_create_session(
        client->base_url, integration_type, workspace_id_or_null, return_to_or_null, &request);
    r = client_call(client, r, &request, &transfer, &reply, ret_error);
    if (r < 0)
        return r;
    airstore_session *session = calloc(1, sizeof(*session));
    if (!session)
        return client_fail_memory(ret_error);
    if (api_parse_created_session(reply, &created, &error) < 0) {
        free(session);
        return client_fail(&error, ret_error);
    }
    session->session_id = created.session_id;
    session->authorize_url = created.authorize_url;
    *ret = session;
    return 0;
}

/* Makes the public session of a reply. An error is told as the parsers tell it. */
static int parse_session(const struct api_reply *reply, const char *session_id,
    airstore_session **ret, struct api_error *ret_error)
{
    static const airstore_session_status statuses[] = {
        [API_SESSION_PENDING] = AIRSTORE_SESSION_PENDING,
        [API_SESSION_COMPLETE] = AIRSTORE_SESSION_COMPLETE,
        [API_SESSION_ERROR] = AIRSTORE_SESSION_ERROR,
    };
    _cleanup_(airstore_session_freep) airstore_session *session = calloc(1, sizeof(*session));
    struct api_session parsed;

    if (session)
        session->session_id = strdup(session_id);
    if (!session || !session->session_id) {
        *ret_error = (struct api_error){.class = API_ERROR_MEMORY, .retry_after_usec = -1};
        return -ENOMEM;
    }
    int r = api_parse_session(reply, &parsed, ret_error);
    if (r < 0)
        return r;
    session->status = statuses[parsed.status];
    session->connection_id = parsed.connection_id;
    session->error = parsed.error;
    *ret = TAKE_PTR(session);
    return 0;
}

int airstore_get_session(airstore_client *client, const char *session_id, airstore_session **ret,
    airstore_error **ret_error)
{
    _cleanup_api_request_ struct api_request request = {0};
    _cleanup_api_error_ struct api_error error = {0};
    _cleanup_(transfer_freep) struct transfer *transfer = NULL;
    struct api_reply *reply;

    int r = api_request_get_session(client->base_url, session_id, &request);
    r = client_call(client, r, &request, &transfer, &reply, ret_error);
    if (r < 0)
        return r;
    if (parse_session(reply, session_id, ret, &error) < 0)
        return client_fail(&error, ret_error);
    return 0;
}

/*
 * One question of a poll. Returns 1 when the session is complete; 0 with the time to wait before
 * the next question, when it is pending or the trouble may pass; or what the public function
 * returns.
 */
static int ask(airstore_client *client, const struct api_request *request, const char *session_id,
    int64_t deadline_usec, unsigned *troubles, int64_t *ret_delay_usec, airstore_session **ret,
    airstore_error **ret_error)
{
    _cleanup_api_error_ struct api_error error = {0};
    _cleanup_(transfer_freep) struct transfer *transfer = NULL;
    _cleanup_(airstore_session_freep) airstore_session *session = NULL;
    struct api_reply *reply;

    int r = client_attempt(client, request, deadline_usec, &transfer, &reply, &error);
    if (r >= 0)
        r = parse_session(reply, session_id, &session, &error);
    if (r < 0) {
        if (!api_error_is_transient(&error))
            return client_fail(&error, ret_error);
        *ret_delay_usec =
            api_retry_delay_usec((*troubles)++, error.retry_after_usec, client_random());
        return 0;
    }

    *troubles = 0;
    *ret_delay_usec = 0;
    if (session->status == AIRSTORE_SESSION_ERROR)
        return client_fail_text(
            AIRSTORE_ERROR_SESSION_FAILED, ret_error, "OAuth session failed: %s", session->error);
    if (session->status == AIRSTORE_SESSION_PENDING)
        return 0;
    *ret = TAKE_PTR(session);
    return 1;
}

int airstore_poll(airstore_client *client, const char *session_id, uint32_t timeout_ms,
    uint32_t interval_ms, airstore_session **ret, airstore_error **ret_error)
{
    _cleanup_api_request_ struct api_request request = {0};
    int64_t deadline = timestamp_now(CLOCK_BOOTTIME) + timeout_ms * USEC_PER_MSEC;
    int64_t interval =
        (interval_ms > INTERVAL_MIN_MS ? interval_ms : INTERVAL_MIN_MS) * USEC_PER_MSEC;
    unsigned troubles = 0;

    int r = api_request_get_session(client->base_url, session_id, &request);
    r = client_check(client, r, ret_error);
    if (r < 0)
        return r;

    while (timestamp_now(CLOCK_BOOTTIME) < deadline) {
        int64_t delay = 0;

        r = ask(client, &request, session_id, deadline, &troubles, &delay, ret, ret_error);
        if (r != 0)
            return r > 0 ? 0 : r;
        if (delay < interval)
            delay = interval;
        int64_t left = deadline - timestamp_now(CLOCK_BOOTTIME);
        if (client_wait(client, delay < left ? delay : left) < 0)
            return client_fail_text(
                AIRSTORE_ERROR_CANCELLED, ret_error, "The request was cancelled");
    }
    return client_fail_text(AIRSTORE_ERROR_SESSION_TIMED_OUT, ret_error,
        "OAuth session timed out after %ums", timeout_ms);
}
