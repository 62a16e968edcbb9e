/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/json.h"
#include "lib/varlink/stream.h"

#include <fcntl.h>
#include <sys/socket.h>

#define MESSAGE_LIMIT 100
#define OUT_LIMIT ((size_t)1024 * 1024)

/* A stream, and the other end of its socket as a plain descriptor. */
struct pair {
    struct varlink_stream stream;
    int peer;
};

static int set_up(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    int fds[2];

    if (!pair || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return -1;
    varlink_stream_init(&pair->stream, fds[0], MESSAGE_LIMIT, OUT_LIMIT);
    pair->peer = fds[1];
    *state = pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;

    varlink_stream_close(&pair->stream);
    varlink_stream_close(&pair->stream);
    if (pair->peer >= 0)
        close(pair->peer);
    free(pair);
    return 0;
}

static void send_bytes(struct pair *pair, const void *data, size_t size)
{
    assert_int_equal(send(pair->peer, data, size, 0), size);
}

static void assert_next(struct pair *pair, const char *wanted)
{
    _cleanup_json_ struct json_object *message = NULL;

    assert_int_equal(varlink_stream_next(&pair->stream, &message), 1);
    assert_string_equal(json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN), wanted);
}

static void assert_no_next(struct pair *pair)
{
    struct json_object *message;

    assert_int_equal(varlink_stream_next(&pair->stream, &message), 0);
}

static void test_nothing_to_read(void **state)
{
    struct pair *pair = *state;

    assert_int_equal(varlink_stream_read(&pair->stream), 0);
    assert_false(pair->stream.ended);
    assert_no_next(pair);
}

static void test_one_byte_at_a_time(void **state)
{
    static const char bytes[] = "{\"method\":\"a.B\"}\0{\"method\":\"c.D\"}";
    struct pair *pair = *state;

    for (size_t i = 0; i < sizeof(bytes); i++) {
        assert_no_next(pair);
        send_bytes(pair, &bytes[i], 1);
        assert_int_equal(varlink_stream_read(&pair->stream), 1);
        if (i == strlen(bytes))
            assert_next(pair, "{\"method\":\"a.B\"}");
    }
    assert_next(pair, "{\"method\":\"c.D\"}");
    assert_no_next(pair);
}

static void test_several_in_one_read(void **state)
{
    struct pair *pair = *state;

    send_bytes(pair, "{\"a\":1}\0{\"b\":2}\0{\"c\":", 21);
    assert_int_equal(varlink_stream_read(&pair->stream), 1);
    assert_next(pair, "{\"a\":1}");
    assert_next(pair, "{\"b\":2}");
    assert_no_next(pair);
    send_bytes(pair, "3}", 3);
    assert_int_equal(varlink_stream_read(&pair->stream), 1);
    assert_next(pair, "{\"c\":3}");
    assert_no_next(pair);
}

/* Messages of every length, written in pieces of every length, come out whole and in order. */
static void test_any_split(void **state)
{
    struct pair *pair = *state;

    for (size_t piece = 1; piece <= 40; piece++) {
        _cleanup_buffer_ struct buffer bytes = {0};
        unsigned seen = 0;

        for (unsigned i = 0; i < 20; i++) {
            assert_int_equal(buffer_printf(&bytes, "{\"n\":%u,\"x\":\"%.*s\"}", i, (int)i,
                                 "aaaaaaaaaaaaaaaaaaaaaaaa"),
                0);
            assert_int_equal(buffer_append(&bytes, "", 1), 0);
        }
        for (size_t at = 0; at < bytes.size; at += piece) {
            size_t size = bytes.size - at < piece ? bytes.size - at : piece;
            struct json_object *message = NULL, *n;

            send_bytes(pair, bytes.data + at, size);
            assert_int_equal(varlink_stream_read(&pair->stream), 1);
            while (varlink_stream_next(&pair->stream, &message) == 1) {
                assert_true(json_object_object_get_ex(message, "n", &n));
                assert_int_equal(json_object_get_int(n), seen++);
                json_object_put(message);
            }
        }
        assert_int_equal(seen, 20);
    }
}

static void test_message_limit_is_exact(void **state)
{
    struct pair *pair = *state;
    char message[MESSAGE_LIMIT + 2];
    struct json_object *object;

    memset(message, ' ', sizeof(message));
    memcpy(message, "{}", 2);
    message[MESSAGE_LIMIT] = '\0';
    send_bytes(pair, message, MESSAGE_LIMIT + 1);
    assert_int_equal(varlink_stream_read(&pair->stream), 1);
    assert_next(pair, "{}");

    message[MESSAGE_LIMIT] = ' ';
    message[MESSAGE_LIMIT + 1] = '\0';
    send_bytes(pair, message, MESSAGE_LIMIT + 2);
    assert_int_equal(varlink_stream_read(&pair->stream), 1);
    assert_int_equal(varlink_stream_next(&pair->stream, &object), -EMSGSIZE);
    /* And it does not grow while nobody gives up. */
    assert_int_equal(varlink_stream_read(&pair->stream), 0);
    assert_true(pair->stream.in.size <= MESSAGE_LIMIT + 1);
    assert_int_equal(varlink_stream_next(&pair->stream, &object), -EMSGSIZE);
}

static void test_broken_messages(void **state)
{
    static const struct {
        const char *data;
        size_t size;
    } cases[] = {
        {"\0", 1},
        {"x\0", 2},
        {"{\0", 2},
        {"{}{}\0", 5},
        {"{\"a\":1,\"a\":2}\0", 14},
        {"{\"a\":\"\xff\"}\0", 10},
        {"{\"a\":\"\\u0000\"}\0", 15},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pair *pair = NULL;
        struct json_object *object;

        assert_int_equal(set_up((void **)&pair), 0);
        send_bytes(pair, cases[i].data, cases[i].size);
        assert_int_equal(varlink_stream_read(&pair->stream), 1);
        ASSERT_CASE(varlink_stream_next(&pair->stream, &object) == -EBADMSG, cases[i].data);
        tear_down((void **)&pair);
    }
}

static void test_end(void **state)
{
    struct pair *pair = *state;

    send_bytes(pair, "{\"a\":1}\0{\"b\"", 12);
    assert_int_equal(shutdown(pair->peer, SHUT_WR), 0);
    assert_int_equal(varlink_stream_read(&pair->stream), 1);
    assert_false(pair->stream.ended);
    assert_int_equal(varlink_stream_read(&pair->stream), 1);
    assert_true(pair->stream.ended);
    assert_int_equal(varlink_stream_read(&pair->stream), 0);
    /* What came before the end still counts. */
    assert_next(pair, "{\"a\":1}");
    assert_no_next(pair);
}

static struct json_object *big_message(size_t size)
{
    char *text = malloc(size);
    struct json_object *message = json_object_new_object();

    assert_non_null(text);
    assert_non_null(message);
    memset(text, 'x', size);
    json_object_object_add(message, "x", json_object_new_string_len(text, (int)size));
    free(text);
    return message;
}

static size_t drain(struct pair *pair, struct buffer *into)
{
    char bytes[4096];
    ssize_t n = recv(pair->peer, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (n <= 0)
        return 0;
    assert_int_equal(buffer_append(into, bytes, (size_t)n), 0);
    return (size_t)n;
}

/* A peer that reads slowly gets everything, in order, while more is queued. */
static void test_full_socket(void **state)
{
    struct pair *pair = *state;
    _cleanup_json_ struct json_object *message = big_message(100000);
    _cleanup_buffer_ struct buffer received = {0};
    int size = 4096, r = 0;
    unsigned queued = 0;

    setsockopt(pair->stream.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    for (; queued < 5; queued++)
        assert_int_equal(varlink_stream_queue(&pair->stream, message), 0);
    assert_int_equal(varlink_stream_write(&pair->stream), 1);
    assert_true(varlink_stream_unsent(&pair->stream) > 0);

    do {
        if (queued < 20 && varlink_stream_queue(&pair->stream, message) == 0)
            queued++;
        drain(pair, &received);
        r = varlink_stream_write(&pair->stream);
        assert_true(r >= 0);
    } while (r > 0 || queued < 20);
    while (drain(pair, &received) > 0)
        continue;

    const char *text = json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN);
    size_t length = strlen(text) + 1;
    assert_int_equal(received.size, queued * length);
    for (unsigned i = 0; i < queued; i++)
        assert_memory_equal(received.data + i * length, text, length);
    assert_int_equal(varlink_stream_unsent(&pair->stream), 0);
}

static void test_queue_limit(void **state)
{
    struct pair *pair = *state;
    _cleanup_json_ struct json_object *message = big_message(OUT_LIMIT / 4),
                                      *small = json_object_new_object();
    int r;

    for (int i = 0; (r = varlink_stream_queue(&pair->stream, message)) == 0; i++)
        assert_true(i < 4);
    assert_int_equal(r, -ENOBUFS);
    size_t unsent = varlink_stream_unsent(&pair->stream);
    assert_true(unsent > OUT_LIMIT / 2 && unsent <= OUT_LIMIT);
    assert_int_equal(varlink_stream_queue(&pair->stream, message), -ENOBUFS);
    assert_int_equal(varlink_stream_unsent(&pair->stream), unsent);
    /* What still fits is taken. */
    assert_int_equal(varlink_stream_queue(&pair->stream, small), 0);
}

/* The limit of the queue falls between a message and its NUL: none of it is queued. */
static void test_queue_limit_at_the_last_byte(void **state)
{
    struct pair *pair = *state;
    _cleanup_json_ struct json_object *message = json_object_new_object();
    char received[16];

    pair->stream.out.limit = 5;
    assert_int_equal(varlink_stream_queue(&pair->stream, message), 0);
    assert_int_equal(varlink_stream_queue(&pair->stream, message), -ENOBUFS);
    assert_int_equal(varlink_stream_unsent(&pair->stream), 3);
    assert_int_equal(varlink_stream_write(&pair->stream), 0);
    assert_int_equal(recv(pair->peer, received, sizeof(received), 0), 3);
    assert_memory_equal(received, "{}", 3);
    assert_int_equal(varlink_stream_queue(&pair->stream, message), 0);
}

static void test_queue_reply(void **state)
{
    struct pair *pair = *state;
    _cleanup_buffer_ struct buffer nothing = {0}, something = {0};
    static const char wanted[] = "{\"parameters\":{}}\0"
                                 "{\"parameters\":{\"a\":1},\"continues\":true}\0"
                                 "{\"error\":\"a.E\",\"parameters\":{\"a\":1}}";
    char received[256];

    assert_int_equal(buffer_append_string(&nothing, "{}"), 0);
    assert_int_equal(buffer_append_string(&something, "{\"a\":1}"), 0);
    assert_int_equal(varlink_stream_queue_reply(&pair->stream, NULL, &nothing, false), 0);
    assert_int_equal(varlink_stream_queue_reply(&pair->stream, NULL, &something, true), 0);
    assert_int_equal(varlink_stream_queue_reply(&pair->stream, "a.E", &something, false), 0);
    pair->stream.out.limit = pair->stream.out.size + 30; /* not even one that is in part too long */
    assert_int_equal(varlink_stream_queue_reply(&pair->stream, "a.E", &something, false), -ENOBUFS);
    assert_int_equal(varlink_stream_write(&pair->stream), 0);
    assert_int_equal(recv(pair->peer, received, sizeof(received), 0), sizeof(wanted));
    assert_memory_equal(received, wanted, sizeof(wanted));
}

/* Hanging up is an error to be told, not a SIGPIPE to die of. */
static void test_peer_is_gone(void **state)
{
    struct pair *pair = *state;
    _cleanup_json_ struct json_object *message = json_object_new_object();

    close(pair->peer);
    pair->peer = -1;
    assert_int_equal(varlink_stream_queue(&pair->stream, message), 0);
    assert_true(varlink_stream_write(&pair->stream) < 0);
}

/* A descriptor that a peer passes along neither arrives nor stays open. */
static void test_descriptors_are_discarded(void **state)
{
    struct pair *pair = *state;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char bytes[] = "{}";
    struct iovec piece = {.iov_base = bytes, .iov_len = 3};
    struct msghdr message = {
        .msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    int pipes[2];
    char byte;

    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &pipes[1], sizeof(int));
    assert_int_equal(sendmsg(pair->peer, &message, 0), 3);
    close(pipes[1]);

    assert_int_equal(varlink_stream_read(&pair->stream), 1);
    assert_next(pair, "{}");
    /* The end of the pipe is seen only when nobody holds its other side. */
    assert_int_equal(fcntl(pipes[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(read(pipes[0], &byte, 1), 0);
    close(pipes[0]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_to_read),
        TEST(test_one_byte_at_a_time),
        TEST(test_several_in_one_read),
        TEST(test_any_split),
        TEST(test_message_limit_is_exact),
        cmocka_unit_test(test_broken_messages),
        TEST(test_end),
        TEST(test_full_socket),
        TEST(test_queue_limit),
        TEST(test_queue_limit_at_the_last_byte),
        TEST(test_queue_reply),
        TEST(test_peer_is_gone),
        TEST(test_descriptors_are_discarded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
