/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/api/integration.h"

static void test_table(void **state)
{
    size_t n;
    const struct integration *table = integration_table(&n);

    assert_int_equal(n, 7);
    for (size_t i = 0; i < n; i++) {
        ASSERT_CASE(integration_find(table[i].type) == &table[i], table[i].type);
        ASSERT_CASE(integration_type_is_valid(table[i].type), table[i].type);
        ASSERT_CASE(integration_name(table[i].type) == table[i].name, table[i].type);
    }
    assert_int_equal(integration_find("gmail")->authentication, INTEGRATION_OAUTH);
    assert_int_equal(integration_find("github")->authentication, INTEGRATION_OAUTH_OR_TOKEN);
    assert_int_equal(integration_find("posthog")->authentication, INTEGRATION_API_KEY);
    assert_string_equal(integration_name("gdrive"), "Google Drive");
}

static void test_unknown_types_show_as_they_are(void **state)
{
    assert_null(integration_find("jira"));
    assert_null(integration_find("GMAIL"));
    assert_string_equal(integration_name("jira"), "jira");
}

static void test_valid_types(void **state)
{
    char longest[66];
    static const char *const refused[] = {
        "", "Gmail", "a b", "a/b", "../x", "a\n", "a%", "gm\xc3\xa4il"};

    assert_true(integration_type_is_valid("a"));
    assert_true(integration_type_is_valid("some_new-type2"));
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        ASSERT_CASE(!integration_type_is_valid(refused[i]), refused[i]);

    memset(longest, 'a', sizeof(longest));
    longest[64] = '\0';
    assert_true(integration_type_is_valid(longest));
    longest[64] = 'a';
    longest[65] = '\0';
    assert_false(integration_type_is_valid(longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_unknown_types_show_as_they_are),
        cmocka_unit_test(test_valid_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
