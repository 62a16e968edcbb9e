/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/api/response.h"

#define SECOND ((int64_t)1000000)

static int feed(struct api_reply *reply, const char *line)
{
    return api_reply_header(reply, line, strlen(line));
}

static void test_a_whole_head(void **state)
{
    _cleanup_api_reply_ struct api_reply reply = API_REPLY_INIT;

    assert_int_equal(feed(&reply, "HTTP/1.1 429 Too Many Requests\r\n"), 0);
    assert_int_equal(feed(&reply, "X-Request-Id: req-1\r\n"), 0);
    assert_int_equal(feed(&reply, "date:Sat, 21 Nov 2026 09:30:00 GMT\r\n"), 0);
    assert_int_equal(feed(&reply, "RETRY-AFTER:  3\r\n"), 0);
    assert_int_equal(feed(&reply, "Content-Type: application/json\r\n"), 0);
    assert_int_equal(feed(&reply, "\r\n"), 0);
    assert_int_equal(reply.status, 429);
    assert_string_equal(reply.request_id, "req-1");
    assert_true(reply.date_usec == 1795253400 * SECOND);
    assert_true(reply.retry_after_usec == 3 * SECOND);
}

static void test_status_lines(void **state)
{
    static const struct {
        const char *line;
        int status;
    } cases[] = {
        {"HTTP/1.0 200 OK", 200},
        {"HTTP/1.1 404", 404},
        {"HTTP/2 503 \r\n", 503},
        {"HTTP/1.1", 0},
        {"HTTP/1.1 abc", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply = API_REPLY_INIT;
        assert_int_equal(feed(&reply, cases[i].line), 0);
        ASSERT_CASE(reply.status == cases[i].status, cases[i].line);
    }
}

static void test_interim_reply_is_forgotten(void **state)
{
    _cleanup_api_reply_ struct api_reply reply = API_REPLY_INIT;

    feed(&reply, "HTTP/1.1 103 Early Hints\r\n");
    feed(&reply, "x-request-id: early\r\n");
    feed(&reply, "retry-after: 5\r\n");
    feed(&reply, "\r\n");
    feed(&reply, "HTTP/1.1 200 OK\r\n");
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.request_id, "");
    assert_true(reply.retry_after_usec == -1);
    assert_true(reply.date_usec == -1);
}

static void test_retry_after(void **state)
{
    static const struct {
        const char *first, *second; /* the second may be NULL */
        int64_t usec;
    } cases[] = {
        {"Retry-After: 0", NULL, 0},
        {"Retry-After: 1.5", NULL, SECOND * 3 / 2},
        {"Retry-After-Ms: 250", NULL, SECOND / 4},
        {"Retry-After-Ms: 0.5", NULL, 500},
        {"Retry-After-Ms: 250", "Retry-After: 9", SECOND / 4},
        {"Retry-After: 9", "Retry-After-Ms: 250", SECOND / 4},
        {"Retry-After: 9", "Retry-After-Ms: soon", 9 * SECOND},
        {"Retry-After: 99999999999999999999999999", NULL, 3600 * SECOND},
        {"Retry-After: 3599.999999999999999999", NULL, 3600 * SECOND - 1},
        {"Retry-After: -1", NULL, -1},
        {"Retry-After:", NULL, -1},
        {"Retry-After: 1s", NULL, -1},
        {"Retry-After: 1e3", NULL, -1},
        {"Retry-After: .5", NULL, -1},
        {"Retry-After: Sat, 21 Nov 2026 09:30:00 GMT", NULL, -1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_api_reply_ struct api_reply reply = API_REPLY_INIT;
        feed(&reply, cases[i].first);
        if (cases[i].second)
            feed(&reply, cases[i].second);
        ASSERT_CASE(reply.retry_after_usec == cases[i].usec, cases[i].first);
    }
}

static void test_request_id_is_printable_and_bounded(void **state)
{
    _cleanup_api_reply_ struct api_reply reply = API_REPLY_INIT;
    char line[400] = "x-request-id: ";

    assert_int_equal(feed(&reply, "x-request-id: a\x1b[1m b\xc3\xa4\x7f\t c"), 0);
    assert_string_equal(reply.request_id, "a[1mbc");

    memset(line + strlen(line), 'x', 300);
    assert_int_equal(feed(&reply, line), 0);
    assert_int_equal(strlen(reply.request_id), API_REQUEST_ID_SIZE - 1);
}

static void test_odd_lines_are_ignored(void **state)
{
    static char long_line[2000];
    static const char *const cases[] = {"", "\r\n", ":", ": x", "no colon", "date: yesterday",
        "x-request-id : spaced", " x-request-id: folded", "\xff\xfe: \x01"};
    _cleanup_api_reply_ struct api_reply reply = API_REPLY_INIT;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ASSERT_CASE(feed(&reply, cases[i]) == 0, cases[i]);
    memset(long_line, 'a', sizeof(long_line) - 1);
    assert_int_equal(feed(&reply, long_line), 0);
    assert_int_equal(api_reply_header(&reply, "x-request-id: a\0b", 17), 0);
    assert_string_equal(reply.request_id, "");
    assert_true(reply.date_usec == -1 && reply.retry_after_usec == -1 && reply.status == 0);
}

static void test_too_many_headers(void **state)
{
    _cleanup_api_reply_ struct api_reply reply = API_REPLY_INIT;
    size_t sent = 0;
    int r;

    /* Interim replies do not make the count start over: an endless row of them ends too. */
    while ((r = feed(&reply, "HTTP/1.1 100 Continue\r\n")) == 0) {
        sent += strlen("HTTP/1.1 100 Continue\r\n");
        assert_true(sent <= API_HEADERS_MAX);
    }
    assert_int_equal(r, -EMSGSIZE);
    assert_true(sent > API_HEADERS_MAX - 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_head),
        cmocka_unit_test(test_status_lines),
        cmocka_unit_test(test_interim_reply_is_forgotten),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_request_id_is_printable_and_bounded),
        cmocka_unit_test(test_odd_lines_are_ignored),
        cmocka_unit_test(test_too_many_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
