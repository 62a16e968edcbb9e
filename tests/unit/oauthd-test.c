/* SPDX-License-Identifier: MIT */

/* libairstore-oauthd on a loop: several calls at once, replies in pieces, and what handlers do. */

#include "lib/base/buffer.h"
#include "lib/base/memory.h"
#include "tests/unit/oauthd-peer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#define SESSION(id, status, more)                                                                  \
    "{\"session\":{\"session_id\":\"" id "\",\"integration_type\":\"gmail\",\"status\":\"" status  \
    "\",\"created_at\":\"2026-11-21T09:30:00Z\",\"expires_at\":\"2026-11-21T09:40:00.5Z\"" more    \
    "}}"

/* ---- The peer ------------------------------------------------------------------------------- */

/* A reply with these members, and the NUL that ends it. */
static void send_reply(int fd, const char *parameters, const char *more)
{
    _cleanup_buffer_ struct buffer text = {0};

    assert_int_equal(buffer_printf(&text, "{\"parameters\":%s%s}", parameters, more), 0);
    send_text(fd, text.data, text.size + 1);
}

static void send_error(int fd, const char *name, const char *parameters)
{
    _cleanup_buffer_ struct buffer text = {0};

    assert_int_equal(
        buffer_printf(&text, "{\"error\":\"%s\",\"parameters\":%s}", name, parameters), 0);
    send_text(fd, text.data, text.size + 1);
}

static void assert_call(int fd, const char *wanted)
{
    char text[4096];

    read_call(fd, text, sizeof(text));
    assert_string_equal(text, wanted);
}

static void assert_hung_up(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLRDHUP};

    assert_int_equal(poll(&wait, 1, TIMEOUT_MSEC), 1);
}

/* ---- What handlers saw ---------------------------------------------------------------------- */

struct record {
    unsigned replies, errors;
    bool continues;
    int code;
    char name[64], id[32];
    struct airstore_oauthd *oauthd;
    struct airstore_oauthd_call *to_cancel;
    bool close;
    unsigned others; /* calls to make from the handler */
};

static void on_reply(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    struct record *record = userdata;

    assert_true(!reply != !error);
    if (error) {
        record->errors++;
        record->code = error->code;
        snprintf(record->name, sizeof(record->name), "%s", error->name ? error->name : "");
        assert_true(strlen(error->message) > 0);
    } else {
        record->replies++;
        record->continues = reply->continues;
        if (reply->connection)
            snprintf(record->id, sizeof(record->id), "%s", reply->connection->connection_id);
        if (reply->session)
            snprintf(record->id, sizeof(record->id), "%s", reply->session->session_id);
    }
    if (record->to_cancel)
        record->to_cancel = airstore_oauthd_call_cancel(record->to_cancel);
    for (; record->others > 0; record->others--)
        assert_int_equal(
            airstore_oauthd_get_status_async(record->oauthd, on_reply, record, NULL), 0);
    if (record->oauthd) {
        assert_int_equal(airstore_oauthd_dispatch(record->oauthd), -EBUSY);
        if (record->close)
            airstore_oauthd_close(record->oauthd);
    }
}

static bool is_ready(struct fixture *fixture, int timeout_msec)
{
    struct pollfd wait = {.fd = airstore_oauthd_get_fd(fixture->oauthd),
        .events = (short)airstore_oauthd_get_events(fixture->oauthd)};

    return poll(&wait, 1, timeout_msec) == 1;
}

/* Waits for something to do, and does it. */
static int dispatch(struct fixture *fixture)
{
    assert_true(is_ready(fixture, TIMEOUT_MSEC));
    return airstore_oauthd_dispatch(fixture->oauthd);
}

/* Until this many replies and errors were handed out. */
static void dispatch_until(struct fixture *fixture, int n)
{
    while (n > 0) {
        int r = dispatch(fixture);
        assert_true(r >= 0);
        n -= r;
    }
    assert_int_equal(n, 0);
}

static int get_connection(struct fixture *fixture, struct record *record)
{
    assert_int_equal(airstore_oauthd_get_connection_async(
                         fixture->oauthd, "gmail", NULL, on_reply, record, NULL),
        0);
    return accept_call(fixture);
}

/* ---- With a loop ---------------------------------------------------------------------------- */

static void test_reply_in_pieces(void **state)
{
    static const char text[] = "{\"parameters\":" CONNECTION("int_1") "}";
    struct record record = {0};
    _cleanup_close_ int peer = get_connection(*state, &record);

    assert_call(peer, "{\"method\":\"ai.airstore.OAuth.GetConnection\","
                      "\"parameters\":{\"integration_type\":\"gmail\"}}");
    for (size_t i = 0; i < sizeof(text); i++) {
        assert_int_equal(record.replies, 0);
        send_text(peer, &text[i], 1);
        assert_int_equal(dispatch(*state), i + 1 == sizeof(text));
    }
    assert_int_equal(record.replies, 1);
    assert_false(record.continues);
    assert_string_equal(record.id, "int_1");
    assert_hung_up(peer);
    assert_false(is_ready(*state, 0));
}

static void test_several_at_once(void **state)
{
    struct record records[3] = {0};
    int peers[3];

    for (size_t i = 0; i < 3; i++)
        peers[i] = get_connection(*state, &records[i]);
    /* The last one asked is the first one answered. */
    send_reply(peers[2], CONNECTION("int_2"), "");
    dispatch_until(*state, 1);
    assert_string_equal(records[2].id, "int_2");
    assert_int_equal(records[0].replies + records[1].replies, 0);
    send_reply(peers[0], CONNECTION("int_0"), "");
    send_error(peers[1], "ai.airstore.OAuth.NoSuchConnection", "{\"integration_type\":\"gmail\"}");
    dispatch_until(*state, 2);
    assert_string_equal(records[0].id, "int_0");
    assert_int_equal(records[1].code, -ENOENT);
    for (size_t i = 0; i < 3; i++)
        close(peers[i]);
}

static void test_every_change(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {0};

    assert_int_equal(
        airstore_oauthd_poll_async(fixture->oauthd, "s1", 5000, -1, true, on_reply, &record, NULL),
        0);
    _cleanup_close_ int peer = accept_call(fixture);
    assert_call(peer, "{\"method\":\"ai.airstore.OAuth.Poll\",\"more\":true,"
                      "\"parameters\":{\"session_id\":\"s1\",\"timeout\":5000}}");
    /* Two at once. */
    send_reply(peer, SESSION("s1", "pending", ""), ",\"continues\":true");
    send_reply(peer, SESSION("s2", "pending", ",\"trouble\":\"x\""), ",\"continues\":true");
    dispatch_until(fixture, 2);
    assert_true(record.continues);
    assert_string_equal(record.id, "s2");
    send_reply(peer, SESSION("s3", "complete", ",\"connection_id\":\"int_1\""), "");
    dispatch_until(fixture, 1);
    assert_false(record.continues);
    assert_string_equal(record.id, "s3");
    assert_hung_up(peer);
}

static void test_watch(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {0};
    struct airstore_oauthd_call *call;

    assert_int_equal(airstore_oauthd_watch_async(fixture->oauthd, on_reply, &record, &call), 0);
    _cleanup_close_ int peer = accept_call(fixture);
    assert_call(peer, "{\"method\":\"ai.airstore.OAuth.Watch\",\"more\":true,\"parameters\":{}}");
    send_reply(peer, CONNECTION("int_1"), ",\"continues\":true");
    send_reply(peer, "{}", ",\"continues\":true");
    send_reply(peer, "{\"deleted_connection_id\":\"int_1\"}", ",\"continues\":true");
    dispatch_until(fixture, 3);
    assert_true(record.continues);
    airstore_oauthd_call_cancel(call);
    assert_hung_up(peer);
}

static void test_cancel_in_handler(void **state)
{
    struct fixture *fixture = *state;
    struct record first = {0}, second = {0}, third = {0};

    /* Its own call, with more to come that must not be handed out. */
    assert_int_equal(
        airstore_oauthd_watch_async(fixture->oauthd, on_reply, &first, &first.to_cancel), 0);
    _cleanup_close_ int peer = accept_call(fixture);
    send_reply(peer, CONNECTION("int_1"), ",\"continues\":true");
    send_reply(peer, CONNECTION("int_2"), ",\"continues\":true");
    dispatch_until(fixture, 1);
    assert_int_equal(first.replies, 1);
    assert_string_equal(first.id, "int_1");
    assert_hung_up(peer);

    /* Whichever of two comes first cancels the other, which has an answer as well. */
    assert_int_equal(airstore_oauthd_get_connection_async(
                         fixture->oauthd, "gmail", NULL, on_reply, &second, &third.to_cancel),
        0);
    _cleanup_close_ int peer2 = accept_call(fixture);
    assert_int_equal(airstore_oauthd_get_connection_async(
                         fixture->oauthd, "gmail", NULL, on_reply, &third, &second.to_cancel),
        0);
    _cleanup_close_ int peer3 = accept_call(fixture);
    send_reply(peer2, CONNECTION("int_2"), "");
    send_reply(peer3, CONNECTION("int_3"), "");
    dispatch_until(fixture, 1);
    assert_int_equal(second.replies + third.replies, 1);
    assert_false(is_ready(fixture, 0));
}

static void test_cancel_own_last_reply(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {0};

    assert_int_equal(airstore_oauthd_get_connection_async(
                         fixture->oauthd, "gmail", NULL, on_reply, &record, &record.to_cancel),
        0);
    _cleanup_close_ int peer = accept_call(fixture);
    send_reply(peer, CONNECTION("int_1"), "");
    dispatch_until(fixture, 1);
    assert_int_equal(record.replies, 1);
}

static void test_calls_from_handler(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {.oauthd = fixture->oauthd, .others = 2};
    _cleanup_close_ int peer = get_connection(fixture, &record);

    send_reply(peer, CONNECTION("int_1"), "");
    dispatch_until(fixture, 1);
    for (size_t i = 0; i < 2; i++) {
        _cleanup_close_ int other = accept_call(fixture);
        send_error(other, "ai.airstore.OAuth.NotConfigured", "{\"message\":\"no key\"}");
        dispatch_until(fixture, 1);
    }
    assert_int_equal(record.errors, 2);
    assert_int_equal(record.code, -ENOKEY);
}

static void test_close_in_handler(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {.oauthd = fixture->oauthd, .close = true}, other = {0};
    _cleanup_close_ int peer = get_connection(fixture, &record);
    _cleanup_close_ int other_peer = get_connection(fixture, &other);

    send_reply(peer, CONNECTION("int_1"), "");
    dispatch_until(fixture, 1);
    fixture->oauthd = NULL;
    assert_int_equal(record.replies, 1);
    assert_int_equal(other.replies + other.errors, 0);
    assert_hung_up(other_peer);
}

/* A daemon that is replaced: the call is made again. */
static void test_hang_up(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {0}, other = {0};
    int peer = get_connection(*state, &record);
    _cleanup_close_ int other_peer = get_connection(*state, &other);

    for (unsigned i = 0; i < 3; i++) {
        send_text(peer, "{\"par", 5);
        close(peer);
        while (poll(&(struct pollfd){.fd = fixture->listener, .events = POLLIN}, 1, 0) == 0)
            assert_int_equal(dispatch(*state), 0);
        peer = accept_call(fixture);
        assert_call(peer, "{\"method\":\"ai.airstore.OAuth.GetConnection\",\"parameters\":"
                          "{\"integration_type\":\"gmail\"}}");
    }
    send_reply(peer, CONNECTION("int_1"), "");
    dispatch_until(*state, 1);
    assert_int_equal(record.replies, 1);
    close(peer);
    /* The others go on. */
    send_reply(other_peer, CONNECTION("int_2"), "");
    dispatch_until(*state, 1);
    assert_int_equal(other.replies, 1);
}

/* What could have been done already is not done again. */
static void test_hang_up_once(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {0};

    assert_int_equal(airstore_oauthd_delete_connection_async(
                         fixture->oauthd, "int_1", NULL, on_reply, &record, NULL),
        0);
    close(accept_call(fixture));
    dispatch_until(*state, 1);
    assert_int_equal(record.code, -ECONNRESET);
    assert_string_equal(record.name, "");
}

/* A daemon that says something and hangs up each time: it is not asked for ever. */
static void test_hang_up_after_each_reply(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {0};
    unsigned connections = 0;

    assert_int_equal(airstore_oauthd_watch_async(fixture->oauthd, on_reply, &record, NULL), 0);
    while (record.code == 0) {
        if (poll(&(struct pollfd){.fd = fixture->listener, .events = POLLIN}, 1, 0) > 0) {
            _cleanup_close_ int peer = accept_call(fixture);
            assert_call(
                peer, "{\"method\":\"ai.airstore.OAuth.Watch\",\"more\":true,\"parameters\":{}}");
            send_reply(peer, CONNECTION("int_1"), ",\"continues\":true");
            assert_true(++connections <= 10);
        }
        (void)dispatch(*state);
    }
    assert_int_equal(record.code, -ECONNRESET);
    assert_int_equal(connections, 10);
    assert_int_equal(record.replies, 10);
}

/* While it waits for the daemon to come back. */
static void test_cancel_after_hang_up(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {0};
    struct airstore_oauthd_call *call;

    assert_int_equal(airstore_oauthd_watch_async(fixture->oauthd, on_reply, &record, &call), 0);
    close(accept_call(fixture));
    assert_int_equal(dispatch(*state), 0);
    airstore_oauthd_call_cancel(call);
    assert_false(is_ready(fixture, 0));
    assert_int_equal(record.replies + record.errors, 0);
}

static void test_bad_replies(void **state)
{
    static const struct {
        const char *text;
        int code;
    } cases[] = {
        {"", -EBADMSG},
        {"null", -EBADMSG},
        {"[]", -EBADMSG},
        {"{\"parameters\":", -EBADMSG},
        {"{\"parameters\":[]}", -EBADMSG},
        {"{\"parameters\":{}}", -EBADMSG},
        {"{}", -EBADMSG},
        {"{\"parameters\":{\"connection\":null}}", -EBADMSG},
        {"{\"parameters\":{\"connection\":7}}", -EBADMSG},
        {"{\"parameters\":{\"connection\":{}}}", -EBADMSG},
        {"{\"parameters\":{\"connection\":{\"connection_id\":7,\"integration_type\":\"g\"}}}",
            -EBADMSG},
        {"{\"parameters\":{\"connection\":{\"connection_id\":\"i\",\"integration_type\":\"g\","
         "\"updated_at\":\"yesterday\"}}}",
            -EBADMSG},
        {"{\"parameters\":" CONNECTION("int_1") ",\"continues\":true}", -EBADMSG},
        {"{\"parameters\":" CONNECTION("int_1") ",\"surprise\":1}", -EBADMSG},
        {"{\"error\":7}", -EBADMSG},
        {"{\"error\":\"x\",\"continues\":true}", -EBADMSG},
        {"\xff", -EBADMSG},
        {"{\"error\":\"org.example.Surprise\"}", -EPROTO},
        {"{\"error\":\"ai.airstore.OAuth.NotConfigured\"}", -ENOKEY},
        {"{\"error\":\"ai.airstore.OAuth.ApiError\",\"parameters\":{\"status\":\"x\"}}",
            -EREMOTEIO},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct record record = {0};
        _cleanup_close_ int peer = get_connection(*state, &record);
        send_text(peer, cases[i].text, strlen(cases[i].text) + 1);
        dispatch_until(*state, 1);
        if (record.code != cases[i].code)
            print_error("case %zu: %s\n", i, cases[i].text);
        assert_int_equal(record.code, cases[i].code);
        assert_hung_up(peer);
    }
}

static void test_endless_reply(void **state)
{
    static char chunk[8192];
    struct record record = {0};
    _cleanup_close_ int peer = get_connection(*state, &record);

    memset(chunk, ' ', sizeof(chunk));
    for (size_t i = 0; record.errors == 0; i++) {
        assert_true(i <= 1024 * 1024 / sizeof(chunk));
        send_text(peer, chunk, sizeof(chunk));
        while (is_ready(*state, 0))
            assert_true(airstore_oauthd_dispatch(((struct fixture *)*state)->oauthd) >= 0);
    }
    assert_int_equal(record.code, -EMSGSIZE);
}

static void test_bad_arguments(void **state)
{
    struct fixture *fixture = *state;
    struct record record = {0};
    _cleanup_free_ char *large = malloc(70000);

    assert_non_null(large);
    memset(large, 'x', 70000);
    large[69999] = '\0';
    assert_int_equal(
        airstore_oauthd_get_connection_async(fixture->oauthd, large, NULL, on_reply, &record, NULL),
        -EMSGSIZE);
    assert_int_equal(airstore_oauthd_get_connection_async(
                         fixture->oauthd, "\xff", NULL, on_reply, &record, NULL),
        -EINVAL);
    assert_int_equal(
        airstore_oauthd_get_connection_async(fixture->oauthd, "gmail", NULL, NULL, &record, NULL),
        -EINVAL);
    assert_int_equal(airstore_oauthd_create_connection_async(fixture->oauthd, "posthog", NULL,
                         &(const struct airstore_oauthd_credentials){.api_key = "k",
                             .extra = (const char *const[]){"a", "1", "b", "2", "a", "1", NULL}},
                         on_reply, &record, NULL),
        -EINVAL);
    assert_int_equal(record.replies + record.errors, 0);
}

/* Whoever did not ask for the daemon's own words gets a sentence all the same. */
static void test_sentences(void **state)
{
    static const int codes[] = {ECONNREFUSED, EDESTADDRREQ, ENAMETOOLONG, EACCES, ECONNRESET, EPIPE,
        EBADMSG, EMSGSIZE, EAGAIN, EINVAL, EBUSY, ENOMEM, ENOENT, ENOKEY, EPERM, ETIMEDOUT, EDQUOT,
        EREMOTEIO, EHOSTUNREACH, EOPNOTSUPP, EPROTO};

    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        const char *text = airstore_oauthd_strerror(-codes[i]);
        assert_string_not_equal(text, strerror(codes[i]));
        assert_int_equal(text[strlen(text) - 1], '.');
    }
    assert_string_equal(
        airstore_oauthd_strerror(-ENOENT), "There is no such connection or session.");
}

static void test_addresses(void **state)
{
    static const struct {
        const char *address;
        int r;
    } cases[] = {
        {"unix:/run/x", 0},
        {"unix:@x", 0},
        {"unix:/run/x;mode=0600", 0},
        {"", -EINVAL},
        {"unix:", -EINVAL},
        {"unix:/", -EINVAL},
        {"unix:relative", -EINVAL},
        {"tcp:127.0.0.1:1", -EINVAL},
        {"unix:/"
         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
         "x"
         "xxxxxxxxxxxxxxxxxxxx",
            -ENAMETOOLONG},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct airstore_oauthd *oauthd = NULL;
        assert_int_equal(airstore_oauthd_open(cases[i].address, &oauthd), cases[i].r);
        assert_true(!oauthd == (cases[i].r < 0));
        airstore_oauthd_close(oauthd);
    }
}

static void test_no_daemon(void **state)
{
    struct airstore_oauthd *oauthd;
    struct airstore_oauthd_error *error;

    assert_int_equal(airstore_oauthd_open("unix:/nonexistent/socket", &oauthd), 0);
    assert_int_equal(airstore_oauthd_get_status(oauthd, NULL, &error), -ECONNREFUSED);
    assert_null(error->name);
    airstore_oauthd_error_free(error);
    assert_int_equal(airstore_oauthd_watch_async(oauthd, on_reply, NULL, NULL), -ECONNREFUSED);
    airstore_oauthd_close(oauthd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reply_in_pieces),
        TEST(test_several_at_once),
        TEST(test_every_change),
        TEST(test_watch),
        TEST(test_cancel_in_handler),
        TEST(test_cancel_own_last_reply),
        TEST(test_calls_from_handler),
        TEST(test_close_in_handler),
        TEST(test_hang_up),
        TEST(test_hang_up_once),
        TEST(test_hang_up_after_each_reply),
        TEST(test_cancel_after_hang_up),
        TEST(test_bad_replies),
        TEST(test_endless_reply),
        TEST(test_bad_arguments),
        TEST(test_sentences),
        TEST(test_addresses),
        TEST(test_no_daemon),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
