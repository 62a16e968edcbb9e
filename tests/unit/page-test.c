/* SPDX-License-Identifier: MIT */

/* The page for the browser: it says what became of the session, and nothing that it is told becomes
 * markup. */

#include "tests/unit/unit.h"

#include "daemon/net/page.h"

static void says_the_outcome(void **state)
{
    static const struct {
        enum page_outcome outcome;
        const char *heading;
        bool asks_again;
    } cases[] = {
        {PAGE_CONNECTED, "<h1>Gmail is connected</h1>", false},
        {PAGE_FINISHING, "<h1>Gmail is being connected</h1>", true},
        {PAGE_FAILED, "<h1>Gmail was not connected</h1>", false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_buffer_ struct buffer html = {0};
        char policy[PAGE_POLICY_SIZE];
        const struct page page = {.outcome = cases[i].outcome, .integration_name = "Gmail"};

        assert_int_equal(page_render(&page, &html, policy), 0);
        ASSERT_CASE(strstr(html.data, cases[i].heading), cases[i].heading);
        ASSERT_CASE(
            !strstr(html.data, "http-equiv=\"refresh\"") == !cases[i].asks_again, cases[i].heading);
    }
}

static void nothing_becomes_markup(void **state)
{
    static const char hostile[] = "</h1><script>alert('1')</script>&\"";
    _cleanup_buffer_ struct buffer html = {0};
    char policy[PAGE_POLICY_SIZE];
    const struct page page = {
        .outcome = PAGE_FAILED,
        .integration_name = hostile,
        .workspace_id = hostile,
        .reason = hostile,
    };

    assert_int_equal(page_render(&page, &html, policy), 0);
    assert_null(strstr(html.data, "<script"));
    assert_null(strstr(html.data, "alert('"));
    assert_non_null(
        strstr(html.data, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"));
}

static void the_policy_allows_its_own_style_only(void **state)
{
    char policies[2][PAGE_POLICY_SIZE], nonce[64];
    const struct page page = {.outcome = PAGE_CONNECTED, .integration_name = "Gmail"};

    for (int i = 0; i < 2; i++) {
        _cleanup_buffer_ struct buffer html = {0};
        assert_int_equal(page_render(&page, &html, policies[i]), 0);
        assert_int_equal(sscanf(strstr(policies[i], "'nonce-"), "'nonce-%32[0-9a-f]'", nonce), 1);
        assert_int_equal(strlen(nonce), 32);
        assert_non_null(strstr(html.data, nonce));
        assert_int_equal(strncmp(policies[i], "default-src 'none';", 19), 0);
        assert_null(strstr(policies[i], "unsafe"));
        assert_null(strstr(html.data, "style=\""));
    }
    assert_string_not_equal(policies[0], policies[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_the_outcome),
        cmocka_unit_test(nothing_becomes_markup),
        cmocka_unit_test(the_policy_allows_its_own_style_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
