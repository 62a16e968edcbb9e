/* SPDX-License-Identifier: MIT */
#include "daemon/net/language.h"

#include "lib/base/memory.h"

#include <strings.h>

/* Browsers name a handful. What comes after that many is not looked at. */
#define RANGES_MAX 32

static const struct {
    const char *tag;
    const char *primary; /* the subtag that it is asked for by: "zh" of "zh-TW" */
} languages[LANGUAGES] = {
    [LANGUAGE_ENGLISH] = {"en", "en"},
    [LANGUAGE_GERMAN] = {"de", "de"},
    [LANGUAGE_FRENCH] = {"fr", "fr"},
    [LANGUAGE_SPANISH] = {"es", "es"},
    [LANGUAGE_CHINESE] = {"zh-Hans", "zh"},
    [LANGUAGE_JAPANESE] = {"ja", "ja"},
};

const char *language_tag(enum language language)
{
    return languages[language].tag;
}

/* The language that a range such as "de-AT" asks for, -1 for none of ours. */
static int find(const char *range, size_t length)
{
    for (int i = 0; i < LANGUAGES; i++) {
        size_t n = strlen(languages[i].primary);
        if (length >= n && strncasecmp(range, languages[i].primary, n) == 0 &&
            (length == n || range[n] == '-'))
            return i;
    }
    return -1;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/*
 * ";q=0.8" in thousandths, 1000 where there is nothing, -1 for what is neither; it has to end where
 * the next range begins.
 */
static int parse_weight(const char *text)
{
    int weight, digit = 100;

    text = skip_blanks(text);
    if (*text == ',' || *text == '\0')
        return 1000;
    if (*text != ';')
        return -1;
    text = skip_blanks(text + 1);
    if (strncasecmp(text, "q=", 2) != 0 || (text[2] != '0' && text[2] != '1'))
        return -1;
    weight = text[2] == '1' ? 1000 : 0;
    text += 3;
    if (*text == '.') {
        for (text++; digit > 0 && *text >= '0' && *text <= '9'; text++, digit /= 10)
            weight += digit * (*text - '0');
    }
    text = skip_blanks(text);
    return (*text == ',' || *text == '\0') && weight <= 1000 ? weight : -1;
}

enum language language_choose(const char *accept_language)
{
    enum language best = LANGUAGE_ENGLISH;
    int best_weight = 0;
    const char *range = accept_language;

    for (int i = 0; range && i < RANGES_MAX; i++) {
        range = skip_blanks(range);
        size_t length = strcspn(range, " \t;,");
        int language = find(range, length), weight = parse_weight(range + length);
        if (language >= 0 && weight > best_weight) { /* of equals, the one named first */
            best = (enum language)language;
            best_weight = weight;
        }
        range = strchr(range, ',');
        if (range)
            range++;
    }
    return best;
}
