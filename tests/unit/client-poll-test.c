/* SPDX-License-Identifier: MIT */

/* libairstore as programs use it, against a real airstore-sandbox: what takes its time. */

#include "tests/unit/client-fixture.h"

#include <pthread.h>

static void *approve_after_three_questions(void *session)
{
    sandbox_wait_for_requests(sandbox, 3);
    decide("approve", session);
    return NULL;
}

static void test_approved_while_polling(void **state)
{
    airstore_session *session = create_session(), *complete = NULL;
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, approve_after_three_questions, session), 0);
    assert_int_equal(airstore_poll(client, session->session_id, 60000, 100, &complete, &error), 0);
    pthread_join(thread, NULL);
    assert_true(strlen(complete->connection_id) > 0);
    airstore_session_free(session);
    airstore_session_free(complete);
}

static void test_denied(void **state)
{
    airstore_session *session = create_session(), *result = NULL;

    decide("deny", session);
    int r = airstore_poll(client, session->session_id, 20000, 100, &result, &error);
    assert_non_null(error);
    assert_memory_equal(airstore_error_get_message(error), "OAuth session failed: ", 22);
    assert_error(r, -ECONNREFUSED, AIRSTORE_ERROR_SESSION_FAILED, 0);
    assert_null(result);

    /* Looked at only once, it is a result. */
    assert_int_equal(airstore_get_session(client, session->session_id, &result, &error), 0);
    assert_int_equal(result->status, AIRSTORE_SESSION_ERROR);
    assert_true(strlen(result->error) > 0);
    airstore_session_free(session);
    airstore_session_free(result);
}

static void test_poll_times_out(void **state)
{
    airstore_session *session = create_session(), *result = NULL;

    int r = airstore_poll(client, session->session_id, 300, 100, &result, &error);
    assert_string_equal(airstore_error_get_message(error), "OAuth session timed out after 300ms");
    assert_error(r, -ETIME, AIRSTORE_ERROR_SESSION_TIMED_OUT, 0);
    assert_true(sandbox_requests(sandbox) >= 1);
    assert_null(result);

    sandbox_tell(sandbox, "DELETE", "requests", NULL);
    r = airstore_poll(client, session->session_id, 0, 100, &result, &error);
    assert_error(r, -ETIME, AIRSTORE_ERROR_SESSION_TIMED_OUT, 0);
    assert_int_equal(sandbox_requests(sandbox), 0);
    airstore_session_free(session);
}

/* An answer that does not come ends with the poll, not with its own time-out of a minute. */
static void test_poll_outlasts_no_deadline(void **state)
{
    airstore_session *session = create_session(), *result = NULL;
    int64_t before = timestamp_now(CLOCK_MONOTONIC);

    add_fault("{\"kind\":\"latency\",\"ms\":60000,\"count\":0}");
    int r = airstore_poll(client, session->session_id, 300, 100, &result, &error);
    assert_error(r, -ETIME, AIRSTORE_ERROR_SESSION_TIMED_OUT, 0);
    assert_true(timestamp_now(CLOCK_MONOTONIC) - before < AT_ONCE_USEC);
    airstore_session_free(session);
}

static void test_poll_survives_trouble(void **state)
{
    static const char *const faults[] = {
        "{\"kind\":\"status\",\"status\":500,\"retry_after_ms\":1}",
        "{\"kind\":\"status\",\"status\":429,\"retry_after_ms\":1}",
        "{\"kind\":\"status\",\"status\":501,\"retry_after_ms\":1}",
        "{\"kind\":\"status\",\"status\":302,\"retry_after_ms\":1}",
        "{\"kind\":\"garbage\"}",
        "{\"kind\":\"html\"}",
        "{\"kind\":\"empty\"}",
        "{\"kind\":\"reset\"}",
        "{\"kind\":\"reset-in-body\"}",
        "{\"kind\":\"truncated\"}",
        "{\"kind\":\"endless\"}",
        "{\"kind\":\"body\",\"body\":\"{\\\"status\\\":\\\"done\\\"}\"}",
    };

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        airstore_session *session = create_session(), *complete = NULL;

        decide("approve", session);
        add_fault(faults[i]);
        ASSERT_CASE(airstore_poll(client, session->session_id, 60000, 100, &complete, &error) == 0,
            faults[i]);
        ASSERT_CASE(sandbox_requests(sandbox) == 2, faults[i]);
        airstore_session_free(session);
        airstore_session_free(complete);
    }
}

static void test_poll_ends_when_the_session_is_unknown(void **state)
{
    airstore_session *session = create_session(), *result = NULL;

    decide("vanish", session);
    int r = airstore_poll(client, session->session_id, 60000, 100, &result, &error);
    assert_string_equal(airstore_error_get_message(error), "session not found");
    assert_non_null(airstore_error_get_request_id(error));
    assert_error(r, -EREMOTEIO, AIRSTORE_ERROR_NOT_FOUND, 404);
    assert_int_equal(sandbox_requests(sandbox), 1);
    airstore_session_free(session);
}

static void *cancel_after_a_request(void *unused)
{
    sandbox_wait_for_requests(sandbox, 1);
    airstore_client_cancel(client);
    return unused;
}

/* However it waits, it stops at once; the client stays so until it is reset. */
static void test_cancel_from_another_thread(void **state)
{
    static const char *const waits[] = {
        NULL, /* for the next question of a poll */
        "{\"kind\":\"latency\",\"ms\":60000}",
        "{\"kind\":\"status\",\"status\":503,\"retry_after\":50}",
        "{\"kind\":\"drip\",\"ms\":5000}",
    };

    for (size_t i = 0; i < 2 * sizeof(waits) / sizeof(waits[0]); i++) {
        const char *wait = waits[i / 2];
        bool polling = i % 2 == 0;
        airstore_session *session, *result = NULL;
        pthread_t thread;

        if (!wait && !polling)
            continue;
        session = create_session();
        if (wait)
            add_fault(wait);
        assert_int_equal(pthread_create(&thread, NULL, cancel_after_a_request, NULL), 0);
        int64_t before = timestamp_now(CLOCK_MONOTONIC);
        int r = polling ? airstore_poll(client, session->session_id, 50000, 50000, &result, &error)
                        : airstore_get_session(client, session->session_id, &result, &error);
        assert_true(timestamp_now(CLOCK_MONOTONIC) - before < AT_ONCE_USEC);
        assert_error(r, -ECANCELED, AIRSTORE_ERROR_CANCELLED, 0);
        pthread_join(thread, NULL);

        r = airstore_get_session(client, session->session_id, &result, &error);
        assert_error(r, -ECANCELED, AIRSTORE_ERROR_CANCELLED, 0);
        assert_null(result);

        sandbox_tell(sandbox, "POST", "reset", "{}");
        airstore_client_reset(client);
        assert_int_equal(airstore_get_session(client, session->session_id, &result, &error), 0);
        airstore_session_free(result);
        airstore_session_free(session);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(test_approved_while_polling),
        CLIENT_TEST(test_denied),
        CLIENT_TEST(test_poll_times_out),
        CLIENT_TEST(test_poll_outlasts_no_deadline),
        CLIENT_TEST(test_poll_survives_trouble),
        CLIENT_TEST(test_poll_ends_when_the_session_is_unknown),
        CLIENT_TEST(test_cancel_from_another_thread),
    };

    return cmocka_run_group_tests(tests, client_set_up_sandbox, client_tear_down_sandbox);
}
