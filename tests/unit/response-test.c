/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/api/response.h"

#define ENVELOPE(data) "{\"success\":true,\"data\":" data "}"
#define CONNECTION                                                                                 \
    "{\"external_id\":\"c-1\",\"workspace_id\":\"ws_1\",\"integration_type\":\"gmail\"}"

static void make_reply(struct api_reply *reply, int status, const char *body)
{
    *reply = (struct api_reply)API_REPLY_INIT;
    reply->status = status;
    if (body)
        assert_int_equal(buffer_append_string(&reply->body, body), 0);
}

/* A parser that is only asked whether it refuses, and in which words. */
typedef int (*parser)(const struct api_reply *reply, struct api_error *ret_error);

static int parse_created(const struct api_reply *reply, struct api_error *ret_error)
{
    struct api_created_session session;
    int r = api_parse_created_session(reply, &session, ret_error);

    if (r >= 0)
        api_created_session_clear(&session);
    return r;
}

static int parse_session(const struct api_reply *reply, struct api_error *ret_error)
{
    struct api_session session;
    int r = api_parse_session(reply, &session, ret_error);

    if (r >= 0)
        api_session_clear(&session);
    return r;
}

static int parse_connection(const struct api_reply *reply, struct api_error *ret_error)
{
    struct api_connection connection;
    int r = api_parse_connection(reply, &connection, ret_error);

    if (r >= 0)
        api_connection_clear(&connection);
    return r;
}

static int parse_connections(const struct api_reply *reply, struct api_error *ret_error)
{
    struct api_connections connections;
    int r = api_parse_connections(reply, &connections, ret_error);

    if (r >= 0)
        api_connections_clear(&connections);
    return r;
}

static void test_created_session(void **state)
{
    static const char *const bodies[] = {
        ENVELOPE("{\"session_id\":\"s-1\",\"authorize_url\":\"https://a.example/?x\"}"),
        "{\"session_id\":\"s-1\",\"authorize_url\":\"https://a.example/?x\"}",
        "{\"data\":{\"session_id\":\"s-1\",\"authorize_url\":\"https://a.example/?x\"}}",
        "{\"success\":true,\"session_id\":\"s-1\",\"authorize_url\":\"https://a.example/?x\"}",
        ENVELOPE("{\"id\":7,\"session_id\":\"s-1\",\"expires\":{},\"authorize_url\":"
                 "\"https://a.example/?x\"}"),
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};
        struct api_created_session session;

        make_reply(&reply, 201, bodies[i]);
        ASSERT_CASE(api_parse_created_session(&reply, &session, &error) == 0, bodies[i]);
        assert_string_equal(session.session_id, "s-1");
        assert_string_equal(session.authorize_url, "https://a.example/?x");
        api_created_session_clear(&session);
    }
}

static void test_session(void **state)
{
    static const struct {
        const char *body;
        enum api_session_status status;
        const char *connection_id, *error;
    } cases[] = {
        {ENVELOPE("{\"status\":\"pending\"}"), API_SESSION_PENDING, NULL, NULL},
        {"{\"status\":\"pending\",\"connection_id\":null}", API_SESSION_PENDING, NULL, NULL},
        {ENVELOPE("{\"status\":\"complete\",\"connection_id\":\"c-1\"}"), API_SESSION_COMPLETE,
            "c-1", NULL},
        {ENVELOPE("{\"status\":\"complete\",\"connection_id\":17}"), API_SESSION_COMPLETE, "17",
            NULL},
        {ENVELOPE("{\"status\":\"error\",\"error\":\"google: access_denied\"}"), API_SESSION_ERROR,
            NULL, "google: access_denied"},
        {"{\"status\":\"error\",\"error\":\"a\\u001b[2Jb\\nc\\u0085d\\u007f\"}", API_SESSION_ERROR,
            NULL, "a [2Jb c d "},
        {ENVELOPE("{\"status\":\"error\"}"), API_SESSION_ERROR, NULL, "unknown error"},
        {ENVELOPE("{\"status\":\"error\",\"error\":\"\"}"), API_SESSION_ERROR, NULL,
            "unknown error"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};
        struct api_session session;

        make_reply(&reply, 200, cases[i].body);
        ASSERT_CASE(api_parse_session(&reply, &session, &error) == 0, cases[i].body);
        ASSERT_CASE(session.status == cases[i].status, cases[i].body);
        assert_true(!session.connection_id == !cases[i].connection_id);
        assert_true(!session.error == !cases[i].error);
        if (cases[i].connection_id)
            assert_string_equal(session.connection_id, cases[i].connection_id);
        if (cases[i].error)
            assert_string_equal(session.error, cases[i].error);
        api_session_clear(&session);
    }
}

static void test_connection(void **state)
{
    _cleanup_api_reply_ struct api_reply reply;
    _cleanup_api_error_ struct api_error error = {0};
    struct api_connection connection;

    make_reply(&reply, 201,
        ENVELOPE("{\"id\":3,\"member_id\":null,\"external_id\":\"c-1\",\"workspace_id\":42,"
                 "\"integration_type\":\"github\",\"scope\":\"repo\",\"expires_at\":null,"
                 "\"created_at\":\"2026-11-21T09:30:00.123456789Z\","
                 "\"updated_at\":\"2026-11-21T10:30:00+01:00\"}"));
    assert_int_equal(api_parse_connection(&reply, &connection, &error), 0);
    assert_string_equal(connection.connection_id, "c-1");
    assert_string_equal(connection.workspace_id, "42");
    assert_string_equal(connection.integration_type, "github");
    assert_string_equal(connection.scope, "repo");
    assert_true(connection.expires_at_usec == -1);
    assert_true(connection.created_at_usec == 1795253400123456);
    assert_true(connection.updated_at_usec == 1795253400000000);
    api_connection_clear(&connection);
}

static void test_odd_times_are_unknown(void **state)
{
    static const char *const times[] = {"", "yesterday", "0001-01-01T00:00:00Z", "2026-11-21"};

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};
        struct api_connection connection;
        char body[300];

        snprintf(body, sizeof(body),
            "{\"external_id\":\"c\",\"workspace_id\":\"w\",\"integration_type\":\"gmail\","
            "\"updated_at\":\"%s\"}",
            times[i]);
        make_reply(&reply, 200, body);
        ASSERT_CASE(api_parse_connection(&reply, &connection, &error) == 0, times[i]);
        ASSERT_CASE(connection.updated_at_usec == -1, times[i]);
        ASSERT_CASE(connection.created_at_usec == -1, times[i]);
        assert_null(connection.scope);
        api_connection_clear(&connection);
    }
}

static void test_connections(void **state)
{
    static const struct {
        int status;
        const char *body;
        size_t n;
    } cases[] = {
        {200, ENVELOPE("[]"), 0},
        {200, ENVELOPE("null"), 0},
        {200, "{\"success\":true}", 0},
        {200, "{\"data\":null}", 0},
        {200, "[]", 0},
        {200, "null", 0},
        {200, NULL, 0},
        {204, NULL, 0},
        {200, ENVELOPE("[" CONNECTION "]"), 1},
        {200, "[" CONNECTION "," CONNECTION "]", 2},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};
        struct api_connections connections;

        make_reply(&reply, cases[i].status, cases[i].body);
        assert_int_equal(api_parse_connections(&reply, &connections, &error), 0);
        assert_int_equal(connections.n, cases[i].n);
        for (size_t j = 0; j < connections.n; j++)
            assert_string_equal(connections.items[j].connection_id, "c-1");
        api_connections_clear(&connections);
    }
}

/* The others are taken; of the first it is said what is wrong. */
static void test_unreadable_connections(void **state)
{
    static const struct {
        const char *body;
        const char *unreadable; /* NULL: not even that is known */
        const char *problem;
    } cases[] = {
        {ENVELOPE("[" CONNECTION ",{}]"), NULL, "Airstore's reply lacks data[1].external_id"},
        {ENVELOPE("[7," CONNECTION "]"), NULL, "data[0] in Airstore's reply is not an object"},
        {ENVELOPE("[null," CONNECTION "]"), NULL, "Airstore's reply lacks data[0].external_id"},
        {ENVELOPE("[{\"external_id\":\"c-2\"}," CONNECTION "]"), "c-2",
            "Airstore's reply lacks data[0].workspace_id"},
        {ENVELOPE("[{\"external_id\":\"c\\n2\"}," CONNECTION "]"), NULL,
            "Airstore's reply lacks data[0].workspace_id"},
        {ENVELOPE("[{\"external_id\":\"c-2\",\"workspace_id\":\"ws\",\"integration_type\":[]}"
                  "," CONNECTION "]"),
            "c-2", "data[0].integration_type in Airstore's reply has the wrong type"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};
        struct api_connections connections;

        make_reply(&reply, 200, cases[i].body);
        assert_int_equal(api_parse_connections(&reply, &connections, &error), 0);
        assert_int_equal(connections.n, 1);
        assert_string_equal(connections.items[0].connection_id, "c-1");
        assert_int_equal(connections.n_unreadable, cases[i].unreadable ? 1 : 0);
        assert_int_equal(connections.n_nameless, cases[i].unreadable ? 0 : 1);
        if (cases[i].unreadable)
            assert_string_equal(connections.unreadable[0], cases[i].unreadable);
        assert_int_equal(connections.problem.class, API_ERROR_INVALID_REPLY);
        assert_string_equal(connections.problem.message, cases[i].problem);
        api_connections_clear(&connections);
    }
}

static void test_success(void **state)
{
    static const char *const bodies[] = {
        NULL, "{\"success\":true}", ENVELOPE("null"), ENVELOPE("{\"a\":1}"), "{}", "[]", "null"};

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};

        make_reply(&reply, bodies[i] ? 200 : 204, bodies[i]);
        assert_int_equal(api_parse_success(&reply, &error), 0);
    }
}

/* The body matters where it says why. */
static void test_status_alone(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum api_error_class class;
        enum api_key_verdict verdict;
    } cases[] = {
        {200, "<html>", API_ERROR_NONE, API_KEY_ACCEPTED},
        {204, NULL, API_ERROR_NONE, API_KEY_ACCEPTED},
        {400, "{\"error\":\"why\"}", API_ERROR_BAD_REQUEST, API_KEY_UNDECIDED},
        {401, "{\"error\":\"why\"}", API_ERROR_AUTHENTICATION, API_KEY_REFUSED},
        {403, "{\"error\":\"why\"}", API_ERROR_PERMISSION, API_KEY_REFUSED},
        {404, "{\"error\":\"why\"}", API_ERROR_NOT_FOUND, API_KEY_ACCEPTED},
        {503, "{\"error\":\"why\"}", API_ERROR_SERVER, API_KEY_UNDECIDED},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};

        make_reply(&reply, cases[i].status, cases[i].body);
        int r = api_check_status(&reply, &error);
        assert_int_equal(r, cases[i].class == API_ERROR_NONE ? 0 : -EREMOTEIO);
        assert_int_equal(error.class, cases[i].class);
        assert_int_equal(api_error_key_verdict(&error), cases[i].verdict);
        if (r < 0)
            assert_string_equal(error.message, "why");
    }
}

static void test_invalid_replies_are_named(void **state)
{
    static const struct {
        parser parse;
        const char *body, *message;
    } cases[] = {
        {parse_session, "<html>Sign in</html>", "Airstore's reply is not JSON"},
        {parse_session, "{\"status\":\"pending\"", "Airstore's reply is not JSON"},
        {parse_session, "{\"status\":\"pending\"}{}", "Airstore's reply is not JSON"},
        {parse_session, "{\"status\":\"pending\",\"status\":\"complete\"}",
            "Airstore's reply is not JSON"},
        {parse_session, "{\"status\":\"\xff\"}", "Airstore's reply is not JSON"},
        {api_parse_success, "OK", "Airstore's reply is not JSON"},
        {parse_connections, " ", "Airstore's reply is not JSON"},
        {parse_session, "[]", "Airstore's reply is not an object"},
        {parse_session, "\"pending\"", "Airstore's reply is not an object"},
        {parse_session, "12", "Airstore's reply is not an object"},
        {parse_session, "null", "Airstore's reply lacks status"},
        {parse_session, NULL, "Airstore's reply lacks status"},
        {parse_session, "{}", "Airstore's reply lacks status"},
        {parse_session, "{\"success\":true}", "Airstore's reply lacks data.status"},
        {parse_session, ENVELOPE("null"), "Airstore's reply lacks data.status"},
        {parse_session, ENVELOPE("{}"), "Airstore's reply lacks data.status"},
        {parse_session, ENVELOPE("[]"), "data in Airstore's reply is not an object"},
        {parse_session, ENVELOPE("true"), "data in Airstore's reply is not an object"},
        {parse_session, "{\"success\":1,\"data\":{}}",
            "success in Airstore's reply has the wrong type"},
        {parse_session, ENVELOPE("{\"status\":null}"), "Airstore's reply lacks data.status"},
        {parse_session, ENVELOPE("{\"status\":1}"),
            "data.status in Airstore's reply has the wrong type"},
        {parse_session, ENVELOPE("{\"status\":\"done\"}"),
            "data.status in Airstore's reply is none of pending, complete and error"},
        {parse_session, "{\"status\":\"Pending\"}",
            "status in Airstore's reply is none of pending, complete and error"},
        {parse_session, ENVELOPE("{\"status\":\"complete\"}"),
            "Airstore's reply lacks data.connection_id"},
        {parse_session, ENVELOPE("{\"status\":\"complete\",\"connection_id\":\"\"}"),
            "Airstore's reply lacks data.connection_id"},
        {parse_session, ENVELOPE("{\"status\":\"complete\",\"connection_id\":true}"),
            "data.connection_id in Airstore's reply has the wrong type"},
        {parse_session, ENVELOPE("{\"status\":\"complete\",\"connection_id\":\"a\\u001b[m\"}"),
            "data.connection_id in Airstore's reply contains control characters"},
        {parse_session, ENVELOPE("{\"status\":\"complete\",\"connection_id\":\"a\\u009b\"}"),
            "data.connection_id in Airstore's reply contains control characters"},
        {parse_session, ENVELOPE("{\"status\":\"complete\",\"connection_id\":\"a\\u200fb\"}"),
            "data.connection_id in Airstore's reply contains control characters"},
        {parse_session, ENVELOPE("{\"status\":\"error\",\"error\":{}}"),
            "data.error in Airstore's reply has the wrong type"},

        {parse_created, ENVELOPE("{\"authorize_url\":\"https://a/\"}"),
            "Airstore's reply lacks data.session_id"},
        {parse_created, ENVELOPE("{\"session_id\":\"\",\"authorize_url\":\"https://a/\"}"),
            "Airstore's reply lacks data.session_id"},
        {parse_created, ENVELOPE("{\"session_id\":{},\"authorize_url\":\"https://a/\"}"),
            "data.session_id in Airstore's reply has the wrong type"},
        {parse_created, ENVELOPE("{\"session_id\":\"s\"}"),
            "Airstore's reply lacks data.authorize_url"},
        {parse_created, ENVELOPE("{\"session_id\":\"s\",\"authorize_url\":7}"),
            "data.authorize_url in Airstore's reply has the wrong type"},
        {parse_created, ENVELOPE("{\"session_id\":\"s\",\"authorize_url\":\"javascript:x\"}"),
            "data.authorize_url in Airstore's reply is refused: the URL begins with neither "
            "https:// nor http://"},
        {parse_created, ENVELOPE("{\"session_id\":\"s\",\"authorize_url\":\"http://a.example/\"}"),
            "data.authorize_url in Airstore's reply is refused: the URL is neither https:// nor on "
            "this machine"},
        {parse_created, "{\"session_id\":\"s\",\"authorize_url\":\"https://a/\\n\"}",
            "authorize_url in Airstore's reply is refused: the URL contains spaces or control "
            "characters"},

        {parse_connection, ENVELOPE("{}"), "Airstore's reply lacks data.external_id"},
        {parse_connection, "{\"external_id\":\"c\",\"integration_type\":\"gmail\"}",
            "Airstore's reply lacks workspace_id"},
        {parse_connection,
            "{\"external_id\":\"c\",\"workspace_id\":[],\"integration_type\":\"gmail\"}",
            "workspace_id in Airstore's reply has the wrong type"},
        {parse_connection, "{\"external_id\":\"c\",\"workspace_id\":\"w\"}",
            "Airstore's reply lacks integration_type"},
        {parse_connection,
            "{\"external_id\":\"c\",\"workspace_id\":\"w\",\"integration_type\":\"gmail\","
            "\"scope\":[]}",
            "scope in Airstore's reply has the wrong type"},
        {parse_connection,
            "{\"external_id\":\"c\",\"workspace_id\":\"w\",\"integration_type\":\"gmail\","
            "\"updated_at\":1795253400}",
            "updated_at in Airstore's reply has the wrong type"},

        {parse_connections, ENVELOPE("{}"), "data in Airstore's reply is not a list"},
        {parse_connections, "{}", "Airstore's reply is not a list"},
        {parse_connections, ENVELOPE("[1]"), "data[0] in Airstore's reply is not an object"},
        {parse_connections, ENVELOPE("[null]"), "Airstore's reply lacks data[0].external_id"},
        {parse_connections, "[{\"external_id\":true}]",
            "[0].external_id in Airstore's reply has the wrong type"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};

        make_reply(&reply, 200, cases[i].body);
        ASSERT_CASE(cases[i].parse(&reply, &error) == -EBADMSG, cases[i].message);
        ASSERT_CASE(error.class == API_ERROR_INVALID_REPLY, cases[i].message);
        ASSERT_CASE(error.status == 200, cases[i].message);
        assert_string_equal(error.message, cases[i].message);
    }
}

static void test_errors_of_the_server(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum api_error_class class;
        const char *message;
    } cases[] = {
        {400, "{\"success\":false,\"error\":\"integration_type required\"}", API_ERROR_BAD_REQUEST,
            "integration_type required"},
        {401, "{\"success\":false,\"error\":\"invalid token\"}", API_ERROR_AUTHENTICATION,
            "invalid token"},
        {403, "{\"message\":\"admins only\"}", API_ERROR_PERMISSION, "admins only"},
        {404, "{\"error\":\"session not found\",\"message\":\"other\"}", API_ERROR_NOT_FOUND,
            "session not found"},
        {409, "{\"error\":null,\"message\":\"m\"}", API_ERROR_CONFLICT, "m"},
        {422, "{\"error\":{\"code\":1},\"message\":\"m\"}", API_ERROR_UNPROCESSABLE, "m"},
        {429, "{\"error\":\"\"}", API_ERROR_RATE_LIMIT, "Request failed with status 429"},
        {408, "", API_ERROR_BAD_REQUEST, "Request failed with status 408"},
        {418, "{}", API_ERROR_BAD_REQUEST, "Request failed with status 418"},
        {500, "<html>", API_ERROR_SERVER, "Request failed with status 500"},
        {502, "[\"error\"]", API_ERROR_SERVER, "Request failed with status 502"},
        {503, "null", API_ERROR_SERVER, "Request failed with status 503"},
        {599, "{\"error\":12}", API_ERROR_SERVER, "Request failed with status 599"},
        {302, "", API_ERROR_SERVER, "Request failed with status 302"},
        {200, "{\"success\":false,\"error\":\"no\"}", API_ERROR_BAD_REQUEST, "no"},
        {200, "{\"success\":false,\"data\":{\"status\":\"pending\"}}", API_ERROR_BAD_REQUEST,
            "Request failed with status 200"},
        {500, "{\"error\":\"a\\u0007b\\r\\nc\"}", API_ERROR_SERVER, "a b  c"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const parser parsers[] = {
            parse_created, parse_session, parse_connection, parse_connections, api_parse_success};

        for (size_t j = 0; j < sizeof(parsers) / sizeof(parsers[0]); j++) {
            _cleanup_api_reply_ struct api_reply reply;
            _cleanup_api_error_ struct api_error error = {0};

            make_reply(&reply, cases[i].status, cases[i].body);
            reply.retry_after_usec = 17;
            snprintf(reply.request_id, sizeof(reply.request_id), "req-1");
            ASSERT_CASE(parsers[j](&reply, &error) == -EREMOTEIO, cases[i].message);
            ASSERT_CASE(error.class == cases[i].class, cases[i].message);
            ASSERT_CASE(error.status == cases[i].status, cases[i].message);
            assert_string_equal(error.message, cases[i].message);
            assert_string_equal(error.request_id, "req-1");
            assert_true(error.retry_after_usec == 17);
        }
    }
}

static void test_transport_errors(void **state)
{
    static const struct {
        enum api_error_class class;
        const char *text, *message;
        int r;
    } cases[] = {
        {API_ERROR_CONNECTION, "Could not resolve host: a",
            "Airstore cannot be reached: Could not resolve host: a", -EREMOTEIO},
        {API_ERROR_TIMEOUT, "Operation timed out", "Airstore did not answer in time", -EREMOTEIO},
        {API_ERROR_CANCELLED, "", "The request was cancelled", -EREMOTEIO},
        {API_ERROR_INVALID_REPLY, "Airstore's reply is larger than 1 MiB",
            "Airstore's reply is larger than 1 MiB", -EBADMSG},
        {API_ERROR_MEMORY, "", "out of memory", -ENOMEM},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};

        /* What arrived before the trouble does not count. */
        make_reply(&reply, 200, "{\"success\":true}");
        reply.transport = cases[i].class;
        snprintf(reply.transport_text, sizeof(reply.transport_text), "%s", cases[i].text);
        ASSERT_CASE(api_parse_success(&reply, &error) == cases[i].r, cases[i].message);
        assert_int_equal(error.class, cases[i].class);
        assert_int_equal(error.status, 0);
        assert_string_equal(error.message, cases[i].message);
    }
}

/* Cut at 1000 bytes, and never within a character. */
static void test_long_messages_are_cut(void **state)
{
    for (int shift = 0; shift < 4; shift++) {
        _cleanup_api_reply_ struct api_reply reply;
        _cleanup_api_error_ struct api_error error = {0};

        make_reply(&reply, 400, "{\"error\":\"");
        assert_int_equal(buffer_append(&reply.body, "aaaa", (size_t)shift), 0);
        for (int i = 0; i < 5000; i++)
            assert_int_equal(buffer_append_string(&reply.body, "\xf0\x9f\x98\x80"), 0);
        assert_int_equal(buffer_append_string(&reply.body, "\"}"), 0);
        assert_int_equal(api_parse_success(&reply, &error), -EREMOTEIO);
        size_t length = strlen(error.message);
        assert_true(length <= 1000 && length > 990);
        assert_int_equal((length - (size_t)shift) % 4, 0);
    }
}

static void test_ids_are_bounded(void **state)
{
    _cleanup_api_reply_ struct api_reply reply;
    _cleanup_api_error_ struct api_error error = {0};

    make_reply(&reply, 200, "{\"status\":\"complete\",\"connection_id\":\"");
    for (int i = 0; i < 600; i++)
        assert_int_equal(buffer_append_string(&reply.body, "a"), 0);
    assert_int_equal(buffer_append_string(&reply.body, "\"}"), 0);
    assert_int_equal(parse_session(&reply, &error), -EBADMSG);
    assert_string_equal(
        error.message, "connection_id in Airstore's reply is longer than 512 bytes");
}

static void test_every_class_has_a_name(void **state)
{
    for (int class = API_ERROR_NONE; class <= API_ERROR_MEMORY; class ++)
        assert_string_not_equal(
            api_error_class_name((enum api_error_class) class), "unknown error");
    assert_string_equal(api_error_class_name(API_ERROR_NOT_FOUND), "not found");
    assert_string_equal(api_error_class_name((enum api_error_class)99), "unknown error");
}

static void test_clearing_twice(void **state)
{
    struct api_error error = {.message = strdup("x")};
    struct api_session session = {.error = strdup("x")};
    struct api_connections connections = {0};

    api_error_clear(&error);
    api_error_clear(&error);
    api_session_clear(&session);
    api_session_clear(&session);
    api_connections_clear(&connections);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_created_session),
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_connection),
        cmocka_unit_test(test_odd_times_are_unknown),
        cmocka_unit_test(test_connections),
        cmocka_unit_test(test_unreadable_connections),
        cmocka_unit_test(test_success),
        cmocka_unit_test(test_status_alone),
        cmocka_unit_test(test_invalid_replies_are_named),
        cmocka_unit_test(test_errors_of_the_server),
        cmocka_unit_test(test_transport_errors),
        cmocka_unit_test(test_long_messages_are_cut),
        cmocka_unit_test(test_ids_are_bounded),
        cmocka_unit_test(test_every_class_has_a_name),
        cmocka_unit_test(test_clearing_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
