/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/api/retry.h"

#define MSEC ((int64_t)1000)

static void test_which_errors(void **state)
{
    static const struct {
        const char *name;
        struct api_error error;
        bool retried, transient;
    } cases[] = {
        {"400", {.class = API_ERROR_BAD_REQUEST, .status = 400}, false, false},
        {"401", {.class = API_ERROR_AUTHENTICATION, .status = 401}, false, false},
        {"403", {.class = API_ERROR_PERMISSION, .status = 403}, false, false},
        {"404", {.class = API_ERROR_NOT_FOUND, .status = 404}, false, false},
        {"408", {.class = API_ERROR_BAD_REQUEST, .status = 408}, true, true},
        {"409", {.class = API_ERROR_CONFLICT, .status = 409}, true, true},
        {"422", {.class = API_ERROR_UNPROCESSABLE, .status = 422}, false, false},
        {"429", {.class = API_ERROR_RATE_LIMIT, .status = 429}, true, true},
        {"500", {.class = API_ERROR_SERVER, .status = 500}, true, true},
        {"501", {.class = API_ERROR_SERVER, .status = 501}, false, true},
        {"502", {.class = API_ERROR_SERVER, .status = 502}, true, true},
        {"503", {.class = API_ERROR_SERVER, .status = 503}, true, true},
        {"504", {.class = API_ERROR_SERVER, .status = 504}, true, true},
        {"a redirect", {.class = API_ERROR_SERVER, .status = 302}, false, true},
        {"refused with status 200", {.class = API_ERROR_BAD_REQUEST, .status = 200}, false, false},
        {"invalid reply", {.class = API_ERROR_INVALID_REPLY, .status = 200}, false, true},
        {"no connection", {.class = API_ERROR_CONNECTION}, true, true},
        {"no reply in time", {.class = API_ERROR_TIMEOUT}, true, true},
        {"cancelled", {.class = API_ERROR_CANCELLED}, false, false},
        {"no memory", {.class = API_ERROR_MEMORY}, false, true},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ASSERT_CASE(api_error_is_retried(&cases[i].error) == cases[i].retried, cases[i].name);
        ASSERT_CASE(api_error_is_transient(&cases[i].error) == cases[i].transient, cases[i].name);
    }
}

static void test_delay(void **state)
{
    static const struct {
        unsigned retry;
        int64_t least, most;
    } cases[] = {
        {0, 500 * MSEC, 750 * MSEC},
        {1, 1000 * MSEC, 1500 * MSEC},
        {2, 2000 * MSEC, 3000 * MSEC},
        {3, 4000 * MSEC, 6000 * MSEC},
        {4, 8000 * MSEC, 8000 * MSEC},
        {5, 8000 * MSEC, 8000 * MSEC},
        {UINT32_MAX, 8000 * MSEC, 8000 * MSEC},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(api_retry_delay_usec(cases[i].retry, -1, 0), cases[i].least);
        assert_int_equal(api_retry_delay_usec(cases[i].retry, -1, UINT32_MAX), cases[i].most);
        int64_t middle = api_retry_delay_usec(cases[i].retry, -1, UINT32_MAX / 2);
        assert_true(middle >= cases[i].least && middle <= cases[i].most);
    }
}

static void test_the_server_goes_first(void **state)
{
    assert_int_equal(api_retry_delay_usec(0, 0, UINT32_MAX), 0);
    assert_int_equal(api_retry_delay_usec(7, 30000 * MSEC, UINT32_MAX), 30000 * MSEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_errors),
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_the_server_goes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
