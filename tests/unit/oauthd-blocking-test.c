/* SPDX-License-Identifier: MIT */

/* The blocking functions of libairstore-oauthd, and what replies and errors turn into. The peer is
 * a thread. */

#include "lib/base/memory.h"
#include "tests/unit/oauthd-peer.h"

#include <errno.h>
#include <pthread.h>

struct peer {
    struct fixture *fixture;
    const char *reply; /* NULL: hang up */
    unsigned hangs_up; /* so often, before it does that */
    char call[128 * 1024];
    pthread_t thread;
};

static void *serve(void *userdata)
{
    struct peer *peer = userdata;

    for (; peer->hangs_up > 0; peer->hangs_up--) {
        _cleanup_close_ int lost = accept_call(peer->fixture);
        read_call(lost, peer->call, sizeof(peer->call));
        send_text(lost, "{\"parameters\":", 14);
    }
    _cleanup_close_ int fd = accept_call(peer->fixture);
    read_call(fd, peer->call, sizeof(peer->call));
    if (peer->reply)
        send_text(fd, peer->reply, strlen(peer->reply) + 1);
    return NULL;
}

static void start(struct peer *peer, void **state, const char *reply)
{
    peer->fixture = *state;
    peer->reply = reply;
    assert_int_equal(pthread_create(&peer->thread, NULL, serve, peer), 0);
}

static struct peer peer;

static void test_session_members(void **state)
{
    struct fixture *fixture = *state;
    struct airstore_oauthd_reply *reply;

    start(&peer, state,
        "{\"parameters\":{\"session\":{\"session_id\":\"s1\",\"integration_type\":\"gmail\","
        "\"workspace_id\":null,\"status\":\"error\",\"failure\":\"denied\",\"error\":\"no\","
        "\"created_at\":\"2026-11-21T09:30:00Z\",\"expires_at\":\"2026-11-21T09:40:00.5Z\","
        "\"ended_at\":\"2026-11-21T09:31:00Z\",\"new\":[1]},\"existing\":true,\"browser_opened\":"
        "false,"
        "\"browser_problem\":\"no display\",\"warning\":\"odd\"}}");
    assert_int_equal(airstore_oauthd_create_session(fixture->oauthd, "gmail", "ws_\"1\n", NULL,
                         AIRSTORE_OAUTHD_NO_BROWSER | AIRSTORE_OAUTHD_ALWAYS_NEW, &reply, NULL),
        0);
    pthread_join(peer.thread, NULL);
    assert_string_equal(peer.call,
        "{\"method\":\"ai.airstore.OAuth.CreateSession\",\"parameters\":{\"integration_type\":"
        "\"gmail\",\"workspace_id\":\"ws_\\\"1\\u000a\",\"open_browser\":false,\"always_new\":true}"
        "}");
    const struct airstore_oauthd_session *session = reply->session;
    assert_string_equal(session->session_id, "s1");
    assert_null(session->workspace_id);
    assert_int_equal(session->status, AIRSTORE_OAUTHD_ERROR);
    assert_int_equal(session->failure, AIRSTORE_OAUTHD_FAILURE_DENIED);
    assert_string_equal(session->error, "no");
    assert_int_equal(session->renewed, -1);
    assert_int_equal(session->expires_at_usec - session->created_at_usec, 600500000);
    assert_int_equal(session->ended_at_usec - session->created_at_usec, 60000000);
    assert_true(reply->existing);
    assert_false(reply->browser_opened);
    assert_string_equal(reply->browser_problem, "no display");
    assert_string_equal(reply->warning, "odd");
    assert_non_null(strstr(airstore_oauthd_reply_json(reply), "\"new\":[1]"));
    airstore_oauthd_reply_free(reply);
}

static void test_lists(void **state)
{
    struct fixture *fixture = *state;
    struct airstore_oauthd_reply *reply;

    start(&peer, state,
        "{\"parameters\":{\"connections\":[{\"connection_id\":\"a\",\"integration_type\":\"x\"},"
        "{\"connection_id\":\"b\",\"integration_type\":\"y\",\"scope\":\"s\"}]}}");
    assert_int_equal(
        airstore_oauthd_list_connections(fixture->oauthd, NULL, "x", true, &reply, NULL), 0);
    pthread_join(peer.thread, NULL);
    assert_string_equal(reply->connections[0]->connection_id, "a");
    assert_string_equal(reply->connections[1]->scope, "s");
    assert_int_equal(reply->connections[1]->updated_at_usec, -1);
    assert_null(reply->connections[2]);
    airstore_oauthd_reply_free(reply);

    start(&peer, state, "{\"parameters\":{\"sessions\":[]}}");
    assert_int_equal(airstore_oauthd_list_sessions(fixture->oauthd, &reply, NULL), 0);
    pthread_join(peer.thread, NULL);
    assert_null(reply->sessions[0]);
    airstore_oauthd_reply_free(reply);

    start(&peer, state,
        "{\"parameters\":{\"integrations\":[{\"integration_type\":\"posthog\",\"name\":\"PostHog\","
        "\"authentication\":\"api_key\"}]}}");
    assert_int_equal(airstore_oauthd_list_integrations(fixture->oauthd, &reply, NULL), 0);
    pthread_join(peer.thread, NULL);
    assert_int_equal(reply->integrations[0]->authentication, AIRSTORE_OAUTHD_API_KEY);
    airstore_oauthd_reply_free(reply);
}

static void test_checks(void **state)
{
    struct fixture *fixture = *state;
    struct airstore_oauthd_reply *reply;

    start(&peer, state,
        "{\"parameters\":{\"checks\":[{\"check\":\"key\",\"result\":\"wrong\",\"message\":\"m\","
        "\"advice\":\"a\"},{\"check\":\"tls\",\"result\":\"warning\",\"message\":\"n\"},"
        "{\"check\":\"tls\",\"result\":\"ok\",\"message\":\"\"}]}}");
    assert_int_equal(airstore_oauthd_set_profile(fixture->oauthd, "work"), 0);
    assert_int_equal(airstore_oauthd_diagnose(fixture->oauthd, &reply, NULL), 0);
    pthread_join(peer.thread, NULL);
    assert_string_equal(peer.call,
        "{\"method\":\"ai.airstore.OAuth.Diagnose\",\"parameters\":{\"profile\":\"work\"}}");
    assert_string_equal(reply->checks[0]->check, "key");
    assert_int_equal(reply->checks[0]->result, AIRSTORE_OAUTHD_CHECK_WRONG);
    assert_string_equal(reply->checks[0]->message, "m");
    assert_string_equal(reply->checks[0]->advice, "a");
    assert_int_equal(reply->checks[1]->result, AIRSTORE_OAUTHD_CHECK_WARNING);
    assert_null(reply->checks[1]->advice);
    assert_int_equal(reply->checks[2]->result, AIRSTORE_OAUTHD_CHECK_OK);
    assert_null(reply->checks[3]);
    airstore_oauthd_reply_free(reply);

    start(&peer, state,
        "{\"parameters\":{\"checks\":[{\"check\":\"key\",\"result\":\"odd\",\"message\":\"m\"}]}}");
    assert_int_equal(airstore_oauthd_diagnose(fixture->oauthd, &reply, NULL), -EBADMSG);
    pthread_join(peer.thread, NULL);
}

/* The calls that are made afterwards name it, and the replies tell it. */
static void test_profile(void **state)
{
    struct fixture *fixture = *state;
    struct airstore_oauthd_reply *reply;
    char name[] = "work";

    assert_int_equal(airstore_oauthd_set_profile(fixture->oauthd, name), 0);
    name[0] = '\0'; /* it was copied */
    start(&peer, state,
        "{\"parameters\":{\"connection\":{\"connection_id\":\"a\",\"integration_type\":\"x\","
        "\"profile\":\"work\"}}}");
    assert_int_equal(airstore_oauthd_get_connection(fixture->oauthd, "x", NULL, &reply, NULL), 0);
    pthread_join(peer.thread, NULL);
    assert_string_equal(peer.call, "{\"method\":\"ai.airstore.OAuth.GetConnection\",\"parameters\":"
                                   "{\"integration_type\":\"x\",\"profile\":\"work\"}}");
    assert_string_equal(reply->connection->profile, "work");
    airstore_oauthd_reply_free(reply);

    start(&peer, state,
        "{\"parameters\":{\"sessions\":[{\"session_id\":\"s\",\"integration_type\":\"x\","
        "\"profile\":\"work\",\"status\":\"pending\",\"created_at\":\"2026-01-01T00:00:00Z\","
        "\"expires_at\":\"2026-01-01T00:10:00Z\"}]}}");
    assert_int_equal(airstore_oauthd_list_sessions(fixture->oauthd, &reply, NULL), 0);
    pthread_join(peer.thread, NULL);
    assert_string_equal(peer.call,
        "{\"method\":\"ai.airstore.OAuth.ListSessions\",\"parameters\":{\"profile\":\"work\"}}");
    assert_string_equal(reply->sessions[0]->profile, "work");
    airstore_oauthd_reply_free(reply);

    assert_int_equal(airstore_oauthd_set_profile(fixture->oauthd, NULL), 0);
    start(&peer, state, "{\"parameters\":{\"connections\":[]}}");
    assert_int_equal(
        airstore_oauthd_list_connections(fixture->oauthd, NULL, NULL, false, &reply, NULL), 0);
    pthread_join(peer.thread, NULL);
    assert_null(strstr(peer.call, "profile"));
    airstore_oauthd_reply_free(reply);
}

static void test_status(void **state)
{
    struct fixture *fixture = *state;
    struct airstore_oauthd_reply *reply;

    start(&peer, state,
        "{\"parameters\":{\"version\":\"1\",\"api_base_url\":\"https://x\",\"pending_sessions\":1,"
        "\"connections\":2,\"uptime\":3,\"problems\":[\"It rains.\"]}}");
    assert_int_equal(airstore_oauthd_get_status(fixture->oauthd, &reply, NULL), 0);
    pthread_join(peer.thread, NULL);
    assert_null(reply->status->api_key_source);
    assert_int_equal(reply->status->connections, 2);
    assert_string_equal(reply->status->problems[0], "It rains.");
    assert_null(reply->status->problems[1]);
    assert_null(reply->status->profiles[0]); /* a daemon without them does not tell */
    airstore_oauthd_reply_free(reply);

    start(&peer, state,
        "{\"parameters\":{\"version\":\"1\",\"api_base_url\":\"https://x\",\"pending_sessions\":1,"
        "\"connections\":2,\"uptime\":3,\"problems\":[],\"profiles\":[\"work\",\"home\"]}}");
    assert_int_equal(airstore_oauthd_get_status(fixture->oauthd, &reply, NULL), 0);
    pthread_join(peer.thread, NULL);
    assert_null(reply->status->problems[0]);
    assert_string_equal(reply->status->profiles[1], "home");
    assert_null(reply->status->profiles[2]);
    airstore_oauthd_reply_free(reply);
}

static void test_errors(void **state)
{
    static const struct {
        const char *reply;
        int code, status;
        enum airstore_oauthd_failure failure;
        const char *message, *request_id;
    } cases[] = {
        {"{\"error\":\"ai.airstore.OAuth.ApiError\",\"parameters\":{\"status\":401,"
         "\"message\":\"invalid token\",\"request_id\":\"r1\"}}",
            -EREMOTEIO, 401, AIRSTORE_OAUTHD_FAILURE_NONE, "invalid token", "r1"},
        {"{\"error\":\"ai.airstore.OAuth.AuthorizationFailed\",\"parameters\":{\"failure\":"
         "\"expired\",\"message\":\"too late\"}}",
            -EPERM, 0, AIRSTORE_OAUTHD_FAILURE_EXPIRED, "too late", NULL},
        {"{\"error\":\"ai.airstore.OAuth.Unreachable\",\"parameters\":{\"message\":\"\"}}",
            -EHOSTUNREACH, 0, AIRSTORE_OAUTHD_FAILURE_NONE, "Airstore cannot be reached.", NULL},
        {"{\"error\":\"ai.airstore.OAuth.AuthorizationFailed\",\"parameters\":{\"failure\":"
         "\"brand-new\"}}",
            -EPERM, 0, AIRSTORE_OAUTHD_FAILURE_UNKNOWN, "The authorization failed: brand-new.",
            NULL},
        {"{\"error\":\"ai.airstore.OAuth.LimitReached\",\"parameters\":{\"limit\":\"sessions\","
         "\"maximum\":64}}",
            -EDQUOT, 0, AIRSTORE_OAUTHD_FAILURE_NONE, "The daemon's limit is reached: 64 sessions.",
            NULL},
        {"{\"error\":\"ai.airstore.OAuth.TimedOut\",\"parameters\":{\"timeout\":5}}", -ETIMEDOUT, 0,
            AIRSTORE_OAUTHD_FAILURE_NONE, "It did not happen within 5 ms.", NULL},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct airstore_oauthd_error *error;
        start(&peer, state, cases[i].reply);
        assert_int_equal(
            airstore_oauthd_poll(fixture->oauthd, "s1", -1, -1, NULL, &error), cases[i].code);
        pthread_join(peer.thread, NULL);
        assert_int_equal(error->code, cases[i].code);
        assert_int_equal(error->status, cases[i].status);
        assert_int_equal(error->failure, cases[i].failure);
        assert_string_equal(error->message, cases[i].message);
        if (cases[i].request_id)
            assert_string_equal(error->request_id, cases[i].request_id);
        else
            assert_null(error->request_id);
        airstore_oauthd_error_free(error);
    }
}

/* A daemon that is replaced: it is asked once more, and not for longer than before. */
static void test_hang_ups(void **state)
{
    struct fixture *fixture = *state;
    struct airstore_oauthd_error *error;
    long timeout = 0;

    peer.hangs_up = 3;
    start(
        &peer, state, "{\"error\":\"ai.airstore.OAuth.TimedOut\",\"parameters\":{\"timeout\":5}}");
    assert_int_equal(airstore_oauthd_poll(fixture->oauthd, "s1", 5000, -1, NULL, NULL), -ETIMEDOUT);
    pthread_join(peer.thread, NULL);
    assert_non_null(strstr(peer.call, "\"session_id\":\"s1\""));
    const char *given = strstr(peer.call, "\"timeout\":");
    assert_non_null(given);
    assert_int_equal(sscanf(given, "\"timeout\":%ld", &timeout), 1);
    assert_true(timeout > 0 && timeout < 5000);

    peer.hangs_up = 1;
    start(&peer, state, "{\"parameters\":" CONNECTION("int_1") "}");
    assert_int_equal(airstore_oauthd_get_connection(fixture->oauthd, "gmail", NULL, NULL, NULL), 0);
    pthread_join(peer.thread, NULL);

    /* It may have been deleted already. */
    start(&peer, state, NULL);
    assert_int_equal(
        airstore_oauthd_delete_connection(fixture->oauthd, "int_1", NULL, NULL, &error),
        -ECONNRESET);
    pthread_join(peer.thread, NULL);
    assert_string_equal(error->message, "The daemon hung up before it answered.");
    airstore_oauthd_error_free(error);
}

static void *serve_no_longer(void *userdata)
{
    struct fixture *fixture = userdata;
    _cleanup_close_ int fd = accept_call(fixture);

    assert_true(fd >= 0);
    close(TAKE_FD(fixture->listener));
    return NULL;
}

/* And after ten seconds it is given up. */
static void test_nobody_comes_back(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(pthread_create(&peer.thread, NULL, serve_no_longer, fixture), 0);
    assert_int_equal(airstore_oauthd_get_status(fixture->oauthd, NULL, NULL), -ECONNRESET);
    pthread_join(peer.thread, NULL);
    assert_int_equal(airstore_oauthd_get_status(fixture->oauthd, NULL, NULL), -ECONNREFUSED);
}

static void test_credentials(void **state)
{
    struct fixture *fixture = *state;
    _cleanup_free_ char *token = malloc(50001);
    const struct airstore_oauthd_credentials credentials = {
        .access_token = token,
        .extra = (const char *const[]){"a", "1", "b", "\\", NULL},
    };

    assert_non_null(token);
    memset(token, 't', 50000);
    token[50000] = '\0';
    start(&peer, state, "{\"parameters\":" CONNECTION("int_1") "}");
    assert_int_equal(airstore_oauthd_create_connection(
                         fixture->oauthd, "github", NULL, &credentials, NULL, NULL),
        0);
    pthread_join(peer.thread, NULL);
    assert_non_null(strstr(peer.call, "\"extra\":{\"a\":\"1\",\"b\":\"\\\\\"}"));
    assert_null(strstr(peer.call, "refresh_token"));
    assert_true(strlen(peer.call) > 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_session_members),
        TEST(test_lists),
        TEST(test_checks),
        TEST(test_profile),
        TEST(test_status),
        TEST(test_errors),
        TEST(test_hang_ups),
        TEST(test_nobody_comes_back),
        TEST(test_credentials),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
