/* SPDX-License-Identifier: MIT */

/* The page for the browser: it says what became of the session in each language, and nothing that
 * it is told becomes markup. */

#include "tests/unit/unit.h"

#include "daemon/net/page-texts.h"
#include "daemon/net/page.h"

#include <stdio.h>

static void render(const struct page *page, struct buffer *html)
{
    char policy[PAGE_POLICY_SIZE];

    assert_int_equal(page_render(page, html, policy), 0);
}

static bool has(const struct buffer *html, const char *text)
{
    return strstr(html->data, text) != NULL;
}

#define GMAIL "<bdi translate=\"no\">Gmail</bdi>"

static void says_the_outcome(void **state)
{
    static const struct {
        enum page_outcome outcome;
        enum language language;
        const char *title, *heading, *explanation;
    } cases[] = {
        {PAGE_CONNECTED, LANGUAGE_ENGLISH, "<title>Gmail is connected</title>",
            "<h1>" GMAIL " is connected</h1>", "can use the account"},
        {PAGE_FINISHING, LANGUAGE_ENGLISH, "<title>Gmail is being connected</title>",
            "<h1>" GMAIL " is being connected</h1>", "has not confirmed it yet"},
        {PAGE_DENIED, LANGUAGE_ENGLISH, "<title>Gmail was not connected</title>",
            "<h1>" GMAIL " was not connected</h1>", "Access was not granted."},
        {PAGE_EXPIRED, LANGUAGE_ENGLISH, "<title>Gmail was not connected</title>",
            "<h1>" GMAIL " was not connected</h1>", "in time"},
        {PAGE_CANCELLED, LANGUAGE_ENGLISH, "<title>Gmail was not connected</title>",
            "<h1>" GMAIL " was not connected</h1>", "cancelled on this computer"},
        {PAGE_UNKNOWN, LANGUAGE_ENGLISH, "<title>Gmail may not be connected</title>",
            "<h1>" GMAIL " may not be connected</h1>", "could not say"},
        {PAGE_GONE, LANGUAGE_ENGLISH, "<title>Nothing is waiting here any more</title>",
            "<h1>Nothing is waiting here any more</h1>", "has ended"},
        {PAGE_CONNECTED, LANGUAGE_GERMAN, "<title>Gmail ist verbunden</title>",
            "<h1>" GMAIL " ist verbunden</h1>", "das Konto"},
        {PAGE_FINISHING, LANGUAGE_FRENCH, "<title>Connexion de Gmail en cours</title>",
            "<h1>Connexion de " GMAIL " en cours</h1>", "Airstore"},
        {PAGE_DENIED, LANGUAGE_SPANISH, "<title>No se ha conectado Gmail</title>",
            "<h1>No se ha conectado " GMAIL "</h1>", "acceso"},
        {PAGE_FINISHING, LANGUAGE_CHINESE, "<title>正在连接 Gmail</title>",
            "<h1>正在连接 " GMAIL "</h1>", "尚未确认"},
        {PAGE_CONNECTED, LANGUAGE_JAPANESE, "<title>Gmail を接続しました</title>",
            "<h1>" GMAIL " を接続しました</h1>", "アカウント"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_buffer_ struct buffer html = {0};
        const struct page page = {
            .outcome = cases[i].outcome,
            .language = cases[i].language,
            .integration_name = cases[i].outcome == PAGE_GONE ? NULL : "Gmail",
        };
        char lang[32];

        render(&page, &html);
        snprintf(lang, sizeof(lang), "<html lang=\"%s\">", language_tag(cases[i].language));
        ASSERT_CASE(has(&html, lang), cases[i].title);
        ASSERT_CASE(has(&html, cases[i].title), cases[i].title);
        ASSERT_CASE(has(&html, cases[i].heading), cases[i].title);
        ASSERT_CASE(has(&html, cases[i].explanation), cases[i].title);
        ASSERT_CASE(has(&html, "http-equiv=\"refresh\" content=\"0;url=?again\"") ==
                        (cases[i].outcome == PAGE_FINISHING),
            cases[i].title);
        ASSERT_CASE(!has(&html, PAGE_TEXT_NAME), cases[i].title);
        /* Who reads the page to see whether it went well is not misled by another one. */
        ASSERT_CASE(
            cases[i].outcome == PAGE_CONNECTED || !has(&html, "is connected"), cases[i].title);
    }
}

/* How often a text has the place for the name. */
static int places(const char *text)
{
    int n = 0;

    for (const char *at = text; (at = strstr(at, PAGE_TEXT_NAME)); at++)
        n++;
    return n;
}

static void every_language_has_every_text(void **state)
{
    for (int language = 0; language < LANGUAGES; language++) {
        for (int i = 0; i < PAGE_TEXTS; i++) {
            const char *text = page_text((enum language)language, (enum page_text)i);
            bool names = i <= PAGE_TEXT_TITLE_UNKNOWN; /* the titles but that of PAGE_GONE */

            ASSERT_CASE(text && *text, language_tag((enum language)language));
            ASSERT_CASE(places(text) == (names ? 1 : 0), text);
            ASSERT_CASE(!strpbrk(text, "<>&\""), text); /* they are not escaped */
        }
    }
}

static void nothing_becomes_markup(void **state)
{
    static const char hostile[] = "</h1><script>alert('1')</script>&\"\n\x1b\x7f";
    _cleanup_buffer_ struct buffer html = {0};
    const struct page page = {
        .outcome = PAGE_DENIED,
        .integration_name = hostile,
        .workspace_id = hostile,
        .words = hostile,
        .command = hostile,
    };

    render(&page, &html);
    assert_false(has(&html, "<script"));
    assert_false(has(&html, "alert('"));
    assert_null(strpbrk(html.data, "\x1b\x7f"));
    assert_true(has(&html, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot; "));
}

static void says_whose_words_they_are(void **state)
{
    static const struct {
        enum page_outcome outcome;
        const char *label;
    } cases[] = {{PAGE_DENIED, "Reported by Airstore"}, {PAGE_UNKNOWN, "Details"}};

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_buffer_ struct buffer html = {0};
        char expected[200];
        const struct page page = {.outcome = cases[i].outcome,
            .integration_name = "Gmail",
            .words = "google: access_denied",
            .workspace_id = "ws_1"};

        render(&page, &html);
        snprintf(expected, sizeof(expected),
            "<dt>%s</dt><dd lang=\"en\"><bdi translate=\"no\">google: access_denied</bdi></dd>",
            cases[i].label);
        ASSERT_CASE(has(&html, expected), cases[i].label);
        ASSERT_CASE(has(&html, "<dt>Airstore workspace</dt><dd><bdi translate=\"no\">ws_1</bdi>"),
            cases[i].label);
    }
}

/* Long words are cut between characters. */
static void cuts_long_words(void **state)
{
    char words[2000] = "xx";
    _cleanup_buffer_ struct buffer html = {0};
    const struct page page = {.outcome = PAGE_DENIED, .integration_name = "Gmail", .words = words};

    while (strlen(words) + 3 < sizeof(words))
        strcat(words, "\u20ac");
    render(&page, &html);
    assert_true(has(&html, "\u20ac</bdi>\u2026</dd>"));
    words[2 + 133 * 3] = '\0'; /* 401 bytes */
    assert_false(has(&html, words));
    words[2 + 132 * 3] = '\0';
    assert_true(has(&html, words));
}

static void has_a_mark_without_a_logo(void **state)
{
    static const struct {
        const char *name, *initials;
    } cases[] = {{"Gmail", "G"}, {"Google Drive", "GD"}, {"my-new_thing", "MN"}, {"x", "X"},
        {"_", ""}, {"a b c", "AB"}};

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_buffer_ struct buffer html = {0};
        const struct page page = {.outcome = PAGE_CONNECTED, .integration_name = cases[i].name};
        char expected[100];

        render(&page, &html);
        snprintf(expected, sizeof(expected),
            "<div class=\"mark\" aria-hidden=\"true\"><span class=\"tile\">%s</span>",
            cases[i].initials);
        ASSERT_CASE(has(&html, expected), cases[i].name);
    }
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
        assert_true(has(&html, nonce));
        assert_int_equal(strncmp(policies[i], "default-src 'none';", 19), 0);
        assert_non_null(strstr(policies[i], "frame-ancestors 'none'")); /* its end */
        assert_null(strstr(policies[i], "unsafe"));
        assert_false(has(&html, "style=\""));
    }
    assert_string_not_equal(policies[0], policies[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_the_outcome),
        cmocka_unit_test(every_language_has_every_text),
        cmocka_unit_test(nothing_becomes_markup),
        cmocka_unit_test(says_whose_words_they_are),
        cmocka_unit_test(cuts_long_words),
        cmocka_unit_test(has_a_mark_without_a_logo),
        cmocka_unit_test(the_policy_allows_its_own_style_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
