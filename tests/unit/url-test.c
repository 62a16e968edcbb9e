/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/url.h"

static const struct {
    const char *url;
    bool fine, fine_for_any_host, loopback;
} cases[] = {
    {"https://api.airstore.ai/api/v1", true, true, false},
    {"HTTPS://api.airstore.ai", true, true, false},
    {"https://accounts.google.com/o/oauth2/v2/auth?a=b&c=d%20e#f", true, true, false},
    {"https://[2001:db8::1]:8443/", true, true, false},
    {"http://127.0.0.1:8080/api/v1", true, true, true},
    {"http://127.0.0.1", true, true, true},
    {"http://[::1]:80/", true, true, true},
    {"http://localhost/", true, true, true},
    {"https://localhost:1/", true, true, true},
    {"http://LOCALHOST?x", true, true, true},

    {"http://api.airstore.ai/", false, true, false},
    {"http://127.0.0.1.example.com/", false, true, false},
    {"http://localhost.example.com/", false, true, false},
    {"http://127.0.0.2/", false, true, false},
    {"http://127.0.0.1:/", false, true, false},
    {"http://127.0.0.1:80a/", false, true, false},
    {"http://127.0.0.1:1234567/", false, true, false},
    {"http://0.0.0.0/", false, true, false},

    {"", false, false, false},
    {"api.airstore.ai", false, false, false},
    {"//api.airstore.ai", false, false, false},
    {"https:/api.airstore.ai", false, false, false},
    {"https://", false, false, false},
    {"https:///path", false, false, false},
    {"https://:443/", false, false, false},
    {"https://?query", false, false, false},
    {"ftp://example.com/", false, false, false},
    {"file:///etc/passwd", false, false, false},
    {"javascript:alert(1)", false, false, false},
    {"data:text/html,x", false, false, false},
    {"https://user@example.com/", false, false, false},
    {"https://user:password@example.com/", false, false, false},
    {"http://127.0.0.1@example.com/", false, false, false},
    {"http://127.0.0.1\\@example.com/", false, false, false},
    {"https://example.com\\@evil.example/", false, false, false},
    {"https://example.com/a b", false, false, false},
    {"https://example.com/\t", false, false, false},
    {"https://example.com/\r\nHost: x", false, false, false},
    {"https://example.com/\x7f", false, false, false},
    {"https://ex\xc3\xa4mple.com/", false, false, false},
    {"https://example.com/\"", false, false, false},
    {"https://example.com/<script>", false, false, false},
    {"https://example.com/`id`", false, false, false},
    {"https://example.com/{x}", false, false, false},
    {" https://example.com/", false, false, false},
};

static void test_which_are_fine(void **state)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *url = cases[i].url;
        ASSERT_CASE((url_problem(url) == NULL) == cases[i].fine, url);
        ASSERT_CASE((url_problem_any_host(url) == NULL) == cases[i].fine_for_any_host, url);
        if (cases[i].fine_for_any_host)
            ASSERT_CASE(url_is_loopback(url) == cases[i].loopback, url);
    }
}

static void test_length(void **state)
{
    char url[URL_LENGTH_MAX + 2] = "https://example.com/";

    memset(url + strlen(url), 'a', URL_LENGTH_MAX - strlen(url));
    url[URL_LENGTH_MAX] = '\0';
    assert_null(url_problem(url));
    url[URL_LENGTH_MAX] = 'a';
    url[URL_LENGTH_MAX + 1] = '\0';
    assert_string_equal(url_problem(url), "is too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_are_fine),
        cmocka_unit_test(test_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
