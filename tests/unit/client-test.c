/* SPDX-License-Identifier: MIT */

/* libairstore as programs use it, against a real airstore-sandbox: single calls. */

#include "tests/unit/client-fixture.h"

#include <stdlib.h>

static void test_connect(void **state)
{
    airstore_session *session = NULL, *again = NULL, *complete = NULL;

    assert_int_equal(airstore_create_session(
                         client, "gmail", "ws_1", "http://127.0.0.1:1/done", &session, &error),
        0);
    assert_true(strlen(session->session_id) > 0);
    assert_non_null(strstr(session->authorize_url, "http"));
    assert_int_equal(session->status, AIRSTORE_SESSION_PENDING);
    assert_null(session->connection_id);

    assert_int_equal(airstore_get_session(client, session->session_id, &again, &error), 0);
    assert_int_equal(again->status, AIRSTORE_SESSION_PENDING);
    assert_string_equal(again->session_id, session->session_id);
    assert_null(again->authorize_url);

    decide("approve", session);
    assert_int_equal(airstore_poll(client, session->session_id, 20000, 100, &complete, &error), 0);
    assert_int_equal(complete->status, AIRSTORE_SESSION_COMPLETE);
    assert_true(strlen(complete->connection_id) > 0);
    assert_null(error);
    airstore_session_free(session);
    airstore_session_free(again);
    airstore_session_free(complete);
}

static void test_wrong_key(void **state)
{
    airstore_session *session = NULL;

    assert_int_equal(airstore_client_set_api_key(client, "wrong"), 0);
    int r = airstore_create_session(client, "gmail", "ws_1", NULL, &session, &error);
    assert_null(strstr(airstore_error_get_message(error), "wrong"));
    assert_error(r, -EREMOTEIO, AIRSTORE_ERROR_AUTHENTICATION, 401);
    assert_int_equal(sandbox_requests(sandbox), 1);
    /* Nobody has to take the error object. */
    assert_int_equal(
        airstore_create_session(client, "gmail", "ws_1", NULL, &session, NULL), -EREMOTEIO);
    assert_null(session);
}

static void test_without_key(void **state)
{
    airstore_session *session = NULL;

    assert_int_equal(airstore_client_set_api_key(client, NULL), 0);
    int r = airstore_create_session(client, "gmail", "ws_1", NULL, &session, &error);
    assert_non_null(strstr(airstore_error_get_message(error), "AIRSTORE_API_KEY"));
    assert_error(r, -EINVAL, AIRSTORE_ERROR_INVALID_ARGUMENT, 0);
    assert_int_equal(sandbox_requests(sandbox), 0);
}

static void test_arguments_that_are_refused(void **state)
{
    airstore_session *session = NULL;
    airstore_connections *connections = NULL;

    assert_error(airstore_create_session(client, "G mail", NULL, NULL, &session, &error), -EINVAL,
        AIRSTORE_ERROR_INVALID_ARGUMENT, 0);
    assert_error(airstore_get_session(client, "..", &session, &error), -EINVAL,
        AIRSTORE_ERROR_INVALID_ARGUMENT, 0);
    assert_error(airstore_poll(client, "", 1000, 100, &session, &error), -EINVAL,
        AIRSTORE_ERROR_INVALID_ARGUMENT, 0);
    assert_error(airstore_list_connections(client, "\xff", &connections, &error), -EINVAL,
        AIRSTORE_ERROR_INVALID_ARGUMENT, 0);
    assert_error(airstore_delete_connection(client, "ws_1", "", &error), -EINVAL,
        AIRSTORE_ERROR_INVALID_ARGUMENT, 0);
    assert_int_equal(sandbox_requests(sandbox), 0);
}

static void test_retries(void **state)
{
    airstore_session *session = create_session(), *again = NULL;

    add_fault("{\"kind\":\"status\",\"status\":503,\"count\":2,\"retry_after_ms\":1}");
    assert_int_equal(airstore_get_session(client, session->session_id, &again, &error), 0);
    assert_int_equal(sandbox_requests(sandbox), 3);
    airstore_session_free(again);
    again = NULL;

    sandbox_tell(sandbox, "DELETE", "requests", NULL);
    add_fault("{\"kind\":\"status\",\"status\":503,\"count\":3,\"retry_after_ms\":1,"
              "\"error\":\"come back later\"}");
    int r = airstore_get_session(client, session->session_id, &again, &error);
    assert_string_equal(airstore_error_get_message(error), "come back later");
    assert_non_null(airstore_error_get_request_id(error));
    assert_error(r, -EREMOTEIO, AIRSTORE_ERROR_SERVER, 503);
    assert_int_equal(sandbox_requests(sandbox), 3);
    assert_null(again);

    sandbox_tell(sandbox, "DELETE", "requests", NULL);
    airstore_client_set_retries(client, 0);
    add_fault("{\"kind\":\"reset\",\"count\":0}");
    r = airstore_get_session(client, session->session_id, &again, &error);
    assert_error(r, -EHOSTUNREACH, AIRSTORE_ERROR_CONNECTION, 0);
    /* curl itself tries anew when a connection that was kept turns out to be dead. */
    assert_true(sandbox_requests(sandbox) <= 2);
    airstore_session_free(session);
}

/* Retry-After is waited for, no less; and not at all where it asks for too much. */
static void test_retry_after(void **state)
{
    airstore_session *session = create_session(), *again = NULL;
    int64_t before = timestamp_now(CLOCK_MONOTONIC);

    add_fault("{\"kind\":\"status\",\"status\":429,\"retry_after\":1}");
    assert_int_equal(airstore_get_session(client, session->session_id, &again, &error), 0);
    assert_true(timestamp_now(CLOCK_MONOTONIC) - before >= USEC_PER_SEC);
    airstore_session_free(again);

    before = timestamp_now(CLOCK_MONOTONIC);
    add_fault("{\"kind\":\"status\",\"status\":429,\"retry_after\":600}");
    int r = airstore_get_session(client, session->session_id, &again, &error);
    assert_error(r, -EREMOTEIO, AIRSTORE_ERROR_RATE_LIMIT, 429);
    assert_true(timestamp_now(CLOCK_MONOTONIC) - before < AT_ONCE_USEC);
    airstore_session_free(session);
}

static void test_broken_replies(void **state)
{
    static const struct {
        const char *fault;
        int r;
        airstore_error_class class;
        const char *message; /* part of it */
    } cases[] = {
        {"{\"kind\":\"garbage\"}", -EBADMSG, AIRSTORE_ERROR_INVALID_REPLY, "not JSON"},
        {"{\"kind\":\"html\"}", -EBADMSG, AIRSTORE_ERROR_INVALID_REPLY, "not JSON"},
        {"{\"kind\":\"empty\"}", -EBADMSG, AIRSTORE_ERROR_INVALID_REPLY, "lacks status"},
        {"{\"kind\":\"null-data\"}", -EBADMSG, AIRSTORE_ERROR_INVALID_REPLY, "lacks data.status"},
        {"{\"kind\":\"endless\"}", -EBADMSG, AIRSTORE_ERROR_INVALID_REPLY, "larger than 1 MiB"},
        {"{\"kind\":\"large\"}", -EBADMSG, AIRSTORE_ERROR_INVALID_REPLY, "larger than 1 MiB"},
        {"{\"kind\":\"reset\",\"count\":0}", -EHOSTUNREACH, AIRSTORE_ERROR_CONNECTION,
            "cannot be reached"},
        {"{\"kind\":\"reset-in-body\"}", -EHOSTUNREACH, AIRSTORE_ERROR_CONNECTION, ""},
        {"{\"kind\":\"truncated\"}", -EHOSTUNREACH, AIRSTORE_ERROR_CONNECTION, ""},
        {"{\"kind\":\"status\",\"status\":302}", -EREMOTEIO, AIRSTORE_ERROR_SERVER, ""},
        {"{\"kind\":\"status\",\"status\":403}", -EREMOTEIO, AIRSTORE_ERROR_PERMISSION, ""},
        {"{\"kind\":\"status\",\"status\":409}", -EREMOTEIO, AIRSTORE_ERROR_CONFLICT, ""},
        {"{\"kind\":\"status\",\"status\":422}", -EREMOTEIO, AIRSTORE_ERROR_UNPROCESSABLE, ""},
    };
    airstore_session *session = create_session(), *again = NULL;

    airstore_client_set_retries(client, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sandbox_tell(sandbox, "POST", "reset", "{}");
        add_fault(cases[i].fault);
        int r = airstore_get_session(client, session->session_id, &again, &error);
        ASSERT_CASE(r == cases[i].r, cases[i].fault);
        ASSERT_CASE(airstore_error_get_class(error) == cases[i].class, cases[i].fault);
        ASSERT_CASE(strstr(airstore_error_get_message(error), cases[i].message), cases[i].fault);
        error = airstore_error_free(error);
        assert_null(again);
    }
    airstore_session_free(session);
}

static void test_accepted_replies(void **state)
{
    static const char *const faults[] = {"{\"kind\":\"no-envelope\"}", "{\"kind\":\"bare\"}",
        "{\"kind\":\"content-type\"}", "{\"kind\":\"large\",\"size\":100000}",
        "{\"kind\":\"drip\",\"ms\":1}"};
    airstore_session *session = create_session(), *again = NULL;

    airstore_client_set_retries(client, 0);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        add_fault(faults[i]);
        ASSERT_CASE(
            airstore_get_session(client, session->session_id, &again, &error) == 0, faults[i]);
        assert_int_equal(again->status, AIRSTORE_SESSION_PENDING);
        airstore_session_free(again);
    }
    airstore_session_free(session);
}

static void test_no_answer_in_time(void **state)
{
    airstore_session *session = create_session(), *again = NULL;

    airstore_client_set_retries(client, 0);
    airstore_client_set_timeout(client, 200);
    add_fault("{\"kind\":\"latency\",\"ms\":60000}");
    int r = airstore_get_session(client, session->session_id, &again, &error);
    assert_error(r, -ETIMEDOUT, AIRSTORE_ERROR_TIMEOUT, 0);
    airstore_session_free(session);
}

static void test_nobody_there(void **state)
{
    airstore_session *session = NULL;

    airstore_client_set_retries(client, 1);
    assert_int_equal(airstore_client_set_base_url(client, "http://127.0.0.1:1/api", &error), 0);
    int r = airstore_create_session(client, "gmail", "ws_1", NULL, &session, &error);
    assert_error(r, -EHOSTUNREACH, AIRSTORE_ERROR_CONNECTION, 0);
}

static void test_connections(void **state)
{
    static const airstore_extra extra[] = {{"team", "a\"b"}, {"empty", ""}, {NULL, NULL}};
    airstore_connection *connection = NULL;
    airstore_connections *connections = NULL;

    assert_int_equal(
        airstore_create_connection(client, "ws_list", "github",
            &(airstore_credentials){
                .access_token = "at", .refresh_token = "rt", .scope = "repo", .extra = extra},
            &connection, &error),
        0);
    assert_string_equal(connection->workspace_id, "ws_list");
    assert_string_equal(connection->integration_type, "github");
    assert_true(connection->created_at_usec > 0);

    assert_int_equal(airstore_list_connections(client, "ws_list", &connections, &error), 0);
    assert_int_equal(connections->n, 1);
    assert_string_equal(connections->items[0]->connection_id, connection->connection_id);
    connections = airstore_connections_free(connections);

    assert_int_equal(
        airstore_delete_connection(client, "ws_list", connection->connection_id, &error), 0);
    assert_error(airstore_delete_connection(client, "ws_list", connection->connection_id, &error),
        -EREMOTEIO, AIRSTORE_ERROR_NOT_FOUND, 404);
    assert_int_equal(airstore_list_connections(client, "ws_list", &connections, &error), 0);
    assert_int_equal(connections->n, 0);
    airstore_connections_free(connections);
    airstore_connection_free(connection);

    connection = NULL;
    assert_error(airstore_create_connection(
                     client, "ws_list", "github", &(airstore_credentials){0}, &connection, &error),
        -EREMOTEIO, AIRSTORE_ERROR_BAD_REQUEST, 400);
    assert_error(airstore_list_connections(client, "nowhere", &connections, &error), -EREMOTEIO,
        AIRSTORE_ERROR_NOT_FOUND, 404);
    assert_null(connection);
}

static void test_lists_that_are_null(void **state)
{
    airstore_connections *connections = NULL;

    add_fault("{\"kind\":\"null-data\"}");
    assert_int_equal(airstore_list_connections(client, "ws_null", &connections, &error), 0);
    assert_int_equal(connections->n, 0);
    airstore_connections_free(connections);
}

static void test_options(void **state)
{
    airstore_client *other = NULL;
    static const char *const refused_names[] = {"", "a b", "a:", "Authorization", "HOST", "a\n"};

    assert_int_equal(airstore_client_set_api_key(client, ""), -EINVAL);
    assert_int_equal(airstore_client_set_api_key(client, "a\r\nHost: x"), -EINVAL);
    assert_error(airstore_client_set_base_url(client, "http://api.airstore.ai/", &error), -EINVAL,
        AIRSTORE_ERROR_INVALID_ARGUMENT, 0);
    assert_int_equal(airstore_client_add_header(client, "X-Test", "a b"), 0);
    assert_int_equal(airstore_client_add_header(client, "X-Other", "c"), 0);
    assert_int_equal(airstore_client_add_header(client, "X-Test", "a\nb"), -EINVAL);
    assert_int_equal(airstore_client_add_header(client, "X-Test", ""), -EINVAL);
    for (size_t i = 0; i < sizeof(refused_names) / sizeof(refused_names[0]); i++)
        ASSERT_CASE(
            airstore_client_add_header(client, refused_names[i], "x") == -EINVAL, refused_names[i]);
    /* What was refused changed nothing. */
    airstore_session_free(create_session());

    setenv("AIRSTORE_BASE_URL", "http://api.airstore.ai/", 1);
    assert_error(airstore_client_new(&other, &error), -EINVAL, AIRSTORE_ERROR_INVALID_ARGUMENT, 0);
    setenv("AIRSTORE_BASE_URL", "", 1);
    setenv("AIRSTORE_API_KEY", "a\nb", 1);
    assert_error(airstore_client_new(&other, &error), -EINVAL, AIRSTORE_ERROR_INVALID_ARGUMENT, 0);
    assert_null(other);
    setenv("AIRSTORE_API_KEY", "", 1);
    assert_int_equal(airstore_client_new(&other, &error), 0);
    airstore_client_free(other);
}

/* A proxy that the environment names is for the network, not for this machine. */
static void test_no_proxy_for_loopback(void **state)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    airstore_client_set_retries(client, 0);
    airstore_session *session = create_session();
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    airstore_session_free(session);
}

static void test_nothing_is_freed(void **state)
{
    assert_null(airstore_client_free(NULL));
    assert_null(airstore_error_free(NULL));
    assert_null(airstore_session_free(NULL));
    assert_null(airstore_connection_free(NULL));
    assert_null(airstore_connections_free(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(test_connect),
        CLIENT_TEST(test_wrong_key),
        CLIENT_TEST(test_without_key),
        CLIENT_TEST(test_arguments_that_are_refused),
        CLIENT_TEST(test_retries),
        CLIENT_TEST(test_retry_after),
        CLIENT_TEST(test_broken_replies),
        CLIENT_TEST(test_accepted_replies),
        CLIENT_TEST(test_no_answer_in_time),
        CLIENT_TEST(test_nobody_there),
        CLIENT_TEST(test_connections),
        CLIENT_TEST(test_lists_that_are_null),
        CLIENT_TEST(test_options),
        CLIENT_TEST(test_no_proxy_for_loopback),
        cmocka_unit_test(test_nothing_is_freed),
    };

    return cmocka_run_group_tests(tests, client_set_up_sandbox, client_tear_down_sandbox);
}
