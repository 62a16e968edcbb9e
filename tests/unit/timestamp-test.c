/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/timestamp.h"

#define SECOND USEC_PER_SEC

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        int64_t usec;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.000001Z", 1},
        {"1969-12-31T23:59:59.5Z", -SECOND / 2},
        {"2026-11-21T09:30:00Z", 1795253400 * SECOND},
        {"2026-11-21t09:30:00z", 1795253400 * SECOND},
        {"2026-11-21 09:30:00Z", 1795253400 * SECOND},
        {"2026-11-21T09:30:00.123456789Z", 1795253400 * SECOND + 123456},
        {"2026-11-21T09:30:00.1Z", 1795253400 * SECOND + 100000},
        {"2026-11-21T10:30:00+01:00", 1795253400 * SECOND},
        {"2026-11-21T00:00:00-09:30", 1795253400 * SECOND},
        {"2024-02-29T00:00:00Z", 1709164800 * SECOND},
        {"2016-12-31T23:59:60Z", 1483228800 * SECOND}, /* a leap second */
        {"0001-01-01T00:00:00Z", -62135596800 * SECOND},
        {"9999-12-31T23:59:59Z", 253402300799 * SECOND},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t usec = 12345;
        ASSERT_CASE(timestamp_parse(cases[i].text, &usec) == 0, cases[i].text);
        ASSERT_CASE(usec == cases[i].usec, cases[i].text);
    }
}

static void test_parse_refuses(void **state)
{
    static const char *const cases[] = {"", "2026", "2026-11-21", "2026-11-21T09:30:00",
        "2026-11-21T09:30Z", "2026-11-21T09:30:00.Z", "2026-11-21T09:30:00.1234567890Z",
        "2026-11-21T09:30:00ZZ", "2026-11-21T09:30:00Z ", " 2026-11-21T09:30:00Z",
        "2026-00-21T09:30:00Z", "2026-13-21T09:30:00Z", "2026-11-00T09:30:00Z",
        "2026-11-31T09:30:00Z", "2026-02-29T09:30:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T09:60:00Z", "2026-11-21T09:30:61Z", "2026-11-21T09:30:00+24:00",
        "2026-11-21T09:30:00+0100", "2026-11-21T09:30:00+01", "-026-11-21T09:30:00Z",
        "2026-1-21T09:30:00Z", "2026-11-21T+9:30:00Z", "2026/11/21T09:30:00Z", "20261121T093000Z",
        "２026-11-21T09:30:00Z"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t usec = 12345;
        ASSERT_CASE(timestamp_parse(cases[i], &usec) == -EINVAL, cases[i]);
        ASSERT_CASE(usec == 12345, cases[i]);
    }
}

static void test_format(void **state)
{
    static const struct {
        int64_t usec;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1795253400 * SECOND + 123999, "2026-11-21T09:30:00.123Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {253402300799 * SECOND + SECOND / 2, "9999-12-31T23:59:59.500Z"},
        {INT64_MIN, "0000-01-01T00:00:00.000Z"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[TIMESTAMP_SIZE];
        assert_string_equal(timestamp_format(cases[i].usec, text), cases[i].text);
    }
}

static void test_parse_http(void **state)
{
    static const char *const refused[] = {"", "Sat", "Sat, 21 Nov 2026 09:30:00",
        "Sat, 21 Nov 2026 09:30:00 UTC", "Sat, 21 Nov 2026 09:30:00 GMT ",
        "Sat, 1 Nov 2026 09:30:00 GMT", "Sat, 31 Nov 2026 09:30:00 GMT",
        "Sat, 21 Nox 2026 09:30:00 GMT", "Sat, 21 anF 2026 09:30:00 GMT",
        "Saturday, 21-Nov-26 09:30:00 GMT", "Sat Nov 21 09:30:00 2026", "0"};
    int64_t usec = 0;

    assert_int_equal(timestamp_parse_http("Sat, 21 Nov 2026 09:30:00 GMT", &usec), 0);
    assert_int_equal(usec, 1795253400 * SECOND);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        usec = 12345;
        ASSERT_CASE(timestamp_parse_http(refused[i], &usec) == -EINVAL, refused[i]);
        ASSERT_CASE(usec == 12345, refused[i]);
    }
}

static void test_now_counts_microseconds(void **state)
{
    int64_t before = timestamp_now(CLOCK_REALTIME), seconds = time(NULL);
    int64_t after = timestamp_now(CLOCK_REALTIME);

    assert_true(before / SECOND <= seconds + 1);
    assert_true(after / SECOND >= seconds);
    assert_true(timestamp_now(CLOCK_BOOTTIME) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_parse_http),
        cmocka_unit_test(test_now_counts_microseconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
