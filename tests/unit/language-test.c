/* SPDX-License-Identifier: MIT */

/* Which language a browser gets, whatever it sends. */

#include "tests/unit/unit.h"

#include "daemon/net/language.h"
#include "lib/base/memory.h"

#include <stdio.h>

static void chooses(void **state)
{
    static const struct {
        const char *header;
        enum language language;
    } cases[] = {
        {NULL, LANGUAGE_ENGLISH},
        {"", LANGUAGE_ENGLISH},
        /* As browsers send it. */
        {"en-US,en;q=0.9", LANGUAGE_ENGLISH},
        {"de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", LANGUAGE_GERMAN},
        {"fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3", LANGUAGE_FRENCH},
        {"es-419,es;q=0.9", LANGUAGE_SPANISH},
        {"zh-CN,zh;q=0.9,en;q=0.8", LANGUAGE_CHINESE},
        {"zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", LANGUAGE_CHINESE},
        {"zh-Hant-HK,en;q=0.9", LANGUAGE_CHINESE},
        {"ja,en-US;q=0.7,en;q=0.3", LANGUAGE_JAPANESE},
        /* What we do not speak is passed over, and its second choice taken. */
        {"nl,de;q=0.5", LANGUAGE_GERMAN},
        {"nl,pt;q=0.5", LANGUAGE_ENGLISH},
        {"*", LANGUAGE_ENGLISH},
        {"fr;q=0.2,*;q=0.9", LANGUAGE_FRENCH},
        /* Weights, not places; of equals the first. */
        {"en;q=0.1,ja;q=0.2", LANGUAGE_JAPANESE},
        {"de;q=0.5,fr;q=0.5", LANGUAGE_GERMAN},
        {"en,de", LANGUAGE_ENGLISH},
        {"de;q=0.999,fr", LANGUAGE_FRENCH},
        {"de;q=0.001", LANGUAGE_GERMAN},
        {"de;q=0,fr;q=0.1", LANGUAGE_FRENCH},
        {"de;q=0.000", LANGUAGE_ENGLISH},
        {"de;q=1.000", LANGUAGE_GERMAN},
        {"de;q=1.", LANGUAGE_GERMAN},
        /* Any case, any blanks. */
        {"DE-at", LANGUAGE_GERMAN},
        {" \t de ; Q=0.8 , en;q=0.7", LANGUAGE_GERMAN},
        {",,, ,ja", LANGUAGE_JAPANESE},
        /* A word is no subtag. */
        {"den,fr;q=0.1", LANGUAGE_FRENCH},
        {"d", LANGUAGE_ENGLISH},
        {"deutsch", LANGUAGE_ENGLISH},
        {"e-de", LANGUAGE_ENGLISH},
        /* Nonsense is passed over, and takes nothing with it. */
        {"de;q=2,fr;q=0.1", LANGUAGE_FRENCH},
        {"de;q=1.5,fr;q=0.1", LANGUAGE_FRENCH},
        {"de;q=-1,fr;q=0.1", LANGUAGE_FRENCH},
        {"de;q=,fr;q=0.1", LANGUAGE_FRENCH},
        {"de;q,fr;q=0.1", LANGUAGE_FRENCH},
        {"de;,fr;q=0.1", LANGUAGE_FRENCH},
        {"de;q=0.1234,fr;q=0.1", LANGUAGE_FRENCH},
        {"de;q=nan,fr;q=0.1", LANGUAGE_FRENCH},
        {"de;level=1,fr;q=0.1", LANGUAGE_FRENCH},
        {"de q=1,fr;q=0.1", LANGUAGE_FRENCH},
        {"\xff\xfe,fr", LANGUAGE_FRENCH},
        {";;;===", LANGUAGE_ENGLISH},
        {"de;", LANGUAGE_ENGLISH},
        {"de;q", LANGUAGE_ENGLISH},
        {"de;q=0.", LANGUAGE_ENGLISH},
        {"<script>", LANGUAGE_ENGLISH},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        ASSERT_CASE(language_choose(cases[i].header) == cases[i].language, cases[i].header);
}

static void looks_at_so_many_only(void **state)
{
    char header[4096] = "";

    for (int i = 0; i < 31; i++)
        strcat(header, "nl,");
    strcat(header, "de");
    assert_int_equal(language_choose(header), LANGUAGE_GERMAN);
    memmove(header + 3, header, strlen(header) + 1);
    assert_int_equal(language_choose(header), LANGUAGE_ENGLISH);
}

static void has_a_tag_for_each(void **state)
{
    for (int i = 0; i < LANGUAGES; i++)
        assert_int_equal(language_choose(language_tag((enum language)i)), i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses),
        cmocka_unit_test(looks_at_so_many_only),
        cmocka_unit_test(has_a_tag_for_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
