/* SPDX-License-Identifier: MIT */

/* Text as terminals show it: what is safe, how wide it is, where a line ends. */

#include "cli/shape.h"

#include "lib/base/memory.h"

#include "tests/unit/unit.h"

#include <locale.h>
#include <stdio.h>

static void nothing_steers_the_terminal(void **state)
{
    static const struct {
        const char *text, *safe;
    } cases[] = {
        {"", ""},
        {"plain, é and 東京", "plain, é and 東京"},
        {"\033[31mred\a\r\n\t\x7f", "?[31mred?????"},
        {"\xc2\x9b"
         "31m",
            "?31m"},
        {"\xe2\x80\xae"
         "evil\xe2\x81\xa9",
            "?evil?"},
        {"a\xe2\x80\x8f"
         "b\xd8\x9c"
         "c",
            "a?b?c"},
        {"\xe2\x80\x94", "\xe2\x80\x94"}, /* a dash, whose first bytes are those of the marks */
        {"\xe2", "\xe2"},                 /* ends early */
        {"\xe2\x80", "\xe2\x80"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char text[64];
        snprintf(text, sizeof(text), "%s", cases[i].text);
        text_make_safe(text);
        assert_string_equal(text, cases[i].safe);
    }
}

static void columns(void **state)
{
    static const struct {
        const char *text;
        size_t width;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"é", 1},
        {"e\xcc\x81", 1}, /* with a combining accent */
        {"東京", 4},
        {"…▄█", 3},
        {"😀", 2},
        {"\xff\xfe", 2}, /* not UTF-8: a column a byte */
        {"\xe6\x9d", 2},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        size_t width = cases[i].width;
        assert_int_equal(text_width(cases[i].text), width);
        assert_int_equal(text_fitting(cases[i].text, width), strlen(cases[i].text));
    }
    assert_int_equal(text_fitting("東京", 3), strlen("東"));
    assert_int_equal(text_fitting("東京", 1), 0);
    assert_int_equal(text_fitting("e\xcc\x81x", 1), 3); /* the accent stays with its letter */
}

static void lines(void **state)
{
    static const struct {
        const char *text;
        size_t width;
        const char *line;
    } cases[] = {
        {"", 10, ""},
        {"one two", 10, "one two"},
        {"one two", 7, "one two"},
        {"one two", 6, "one"},
        {"one two", 3, "one"},
        {"one two", 2, "one"}, /* what does not fit at all stays whole */
        {"unbreakable", 4, "unbreakable"},
        {"東京 大阪", 8, "東京"},
        {"a  b", 1, "a"},
        {"  7  indented", 9, "  7"},
        /* Commands are there to be copied. */
        {"Try with: airstore-oauth connect gmail", 30, "Try with:"},
        {"airstore-oauth connect gmail", 20, "airstore-oauth"}, /* the name, in a sentence */
        {"See: airstore-oauth status (or ask)", 27, "See: airstore-oauth status"},
        {"See: systemctl --user start a", 20, "See:"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        size_t length = text_line(cases[i].text, cases[i].width);
        assert_int_equal(length, strlen(cases[i].line));
        assert_memory_equal(cases[i].text, cases[i].line, length);
    }
}

static int set_locale(void **state)
{
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_steers_the_terminal),
        cmocka_unit_test(columns),
        cmocka_unit_test(lines),
    };

    return cmocka_run_group_tests(tests, set_locale, NULL);
}
