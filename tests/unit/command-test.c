/* SPDX-License-Identifier: MIT */

/* BROWSER and the like: words, and the place of the URL. */

#include "lib/base/command.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>

#define URL "https://example.com/?a=$(b)&c='d' %s"

static void words(void **state)
{
    static const struct {
        const char *text;
        const char *words[5];
    } cases[] = {
        {"firefox", {"firefox", URL}},
        {" firefox \t --new-tab ", {"firefox", "--new-tab", URL}},
        {"open --url=%s --now", {"open", "--url=" URL, "--now"}},
        {"open %s %s", {"open", URL, "%s"}}, /* the first place only */
        {"sh -c 'x", {"sh", "-c", "'x", URL}},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_(command_clear) struct command command = {0};
        char text[64];
        size_t n = 0;

        snprintf(text, sizeof(text), "%s", cases[i].text);
        assert_int_equal(command_split(text, URL, &command), 0);
        for (; cases[i].words[n]; n++)
            assert_string_equal(command.word[n], cases[i].words[n]);
        assert_int_equal(command.n, n);
        assert_null(command.word[n]);
    }
}

static void no_words(void **state)
{
    _cleanup_(command_clear) struct command command = {0};
    char blanks[] = " \t", many[3 * COMMAND_WORDS_MAX] = "";

    assert_int_equal(command_split(blanks, URL, &command), -EINVAL);
    for (size_t i = 0; i < COMMAND_WORDS_MAX; i++)
        strcat(many, "x ");
    assert_int_equal(command_split(many, URL, &command), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(no_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
