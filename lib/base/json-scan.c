/* SPDX-License-Identifier: MIT */
#include "lib/base/json-scan.h"

#include <stdint.h>
#include <string.h>

struct scanner {
    const unsigned char *at, *end;
    struct json_extent extent;
    unsigned depth, depth_max;
};

static bool scan_value(struct scanner *s);

static void skip_space(struct scanner *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

static bool accept(struct scanner *s, char c)
{
    if (s->at == s->end || *s->at != (unsigned char)c)
        return false;
    s->at++;
    return true;
}

static bool accept_word(struct scanner *s, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0)
        return false;
    s->at += n;
    return true;
}

static bool accept_digits(struct scanner *s)
{
    const unsigned char *start = s->at;

    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > start;
}

/* Whether the digits are a number that an int64_t can hold. */
static bool fits_integer(const unsigned char *digits, size_t n, bool negative)
{
    const char *limit = negative ? "9223372036854775808" : "9223372036854775807";

    return n < 19 || (n == 19 && memcmp(digits, limit, 19) <= 0);
}

static bool scan_number(struct scanner *s)
{
    bool negative = accept(s, '-');
    const unsigned char *digits = s->at;

    if (!accept_digits(s) || (*digits == '0' && s->at - digits > 1))
        return false;
    size_t n = (size_t)(s->at - digits);
    bool integer = true;

    if (accept(s, '.')) {
        integer = false;
        if (!accept_digits(s))
            return false;
    }
    if (accept(s, 'e') || accept(s, 'E')) {
        integer = false;
        if (!accept(s, '+'))
            (void)accept(s, '-');
        if (!accept_digits(s))
            return false;
    }
    return !integer || fits_integer(digits, n, negative);
}

static bool scan_hex4(struct scanner *s, unsigned *ret)
{
    unsigned value = 0;

    if (s->end - s->at < 4)
        return false;
    for (int i = 0; i < 4; i++, s->at++) {
        unsigned char c = *s->at;
        if (c >= '0' && c <= '9')
            value = value * 16 + (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = value * 16 + (unsigned)((c | 0x20) - 'a' + 10);
        else
            return false;
    }
    *ret = value;
    return true;
}

/* Behind "\u". The two halves of a surrogate pair must follow each other; NUL ends C strings early
 * and is refused. */
static bool scan_unicode_escape(struct scanner *s)
{
    unsigned first, second;

    if (!scan_hex4(s, &first) || first == 0)
        return false;
    if (first >= 0xdc00 && first <= 0xdfff)
        return false;
    if (first < 0xd800 || first > 0xdbff)
        return true;
    return accept(s, '\\') && accept(s, 'u') && scan_hex4(s, &second) && second >= 0xdc00 &&
           second <= 0xdfff;
}

/* One character of more than one byte, by the table of RFC 3629: nothing overlong, no surrogates,
 * none past U+10FFFF. */
static bool scan_utf8(struct scanner *s)
{
    unsigned char lead = *s->at, low = 0x80, high = 0xbf;
    int more;

    if (lead >= 0xc2 && lead <= 0xdf)
        more = 1;
    else if (lead >= 0xe0 && lead <= 0xef)
        more = 2;
    else if (lead >= 0xf0 && lead <= 0xf4)
        more = 3;
    else
        return false;
    if (lead == 0xe0)
        low = 0xa0;
    if (lead == 0xed)
        high = 0x9f;
    if (lead == 0xf0)
        low = 0x90;
    if (lead == 0xf4)
        high = 0x8f;

    if (s->end - s->at <= more)
        return false;
    s->at++;
    for (; more > 0; more--, s->at++) {
        if (*s->at < low || *s->at > high)
            return false;
        low = 0x80;
        high = 0xbf;
    }
    return true;
}

/* What stands for itself: nearly all of every text. */
static void skip_plain(struct scanner *s)
{
    const unsigned char *at = s->at;

    while (at < s->end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
        at++;
    s->at = at;
}

/* Behind a backslash. */
static bool scan_escape(struct scanner *s)
{
    if (accept(s, 'u'))
        return scan_unicode_escape(s);
    return s->at < s->end && *s->at != '\0' && strchr("\"\\/bfnrt", *s->at++);
}

static bool scan_string(struct scanner *s)
{
    if (!accept(s, '"'))
        return false;
    for (skip_plain(s); s->at < s->end; skip_plain(s)) {
        if (accept(s, '"'))
            return true;
        if (accept(s, '\\') ? !scan_escape(s) : *s->at < 0x80 || !scan_utf8(s))
            return false;
    }
    return false;
}

static bool scan_array(struct scanner *s)
{
    skip_space(s);
    if (accept(s, ']'))
        return true;
    do {
        if (!scan_value(s))
            return false;
    } while (accept(s, ','));
    return accept(s, ']');
}

static bool scan_object(struct scanner *s)
{
    skip_space(s);
    if (accept(s, '}'))
        return true;
    do {
        skip_space(s);
        if (!scan_string(s))
            return false;
        skip_space(s);
        if (!accept(s, ':') || !scan_value(s))
            return false;
        s->extent.members++;
    } while (accept(s, ','));
    return accept(s, '}');
}

static bool scan_nested(struct scanner *s, bool (*scan)(struct scanner *))
{
    if (s->depth == s->depth_max)
        return false;
    s->depth++;
    if (s->depth > s->extent.depth)
        s->extent.depth = s->depth;
    bool ok = scan(s);
    s->depth--;
    return ok;
}

static bool scan_value(struct scanner *s)
{
    bool ok;

    skip_space(s);
    if (s->at == s->end)
        return false;
    if (accept(s, '{'))
        ok = scan_nested(s, scan_object);
    else if (accept(s, '['))
        ok = scan_nested(s, scan_array);
    else if (*s->at == '"')
        ok = scan_string(s);
    else if (*s->at == '-' || (*s->at >= '0' && *s->at <= '9'))
        ok = scan_number(s);
    else
        ok = accept_word(s, "true") || accept_word(s, "false") || accept_word(s, "null");
    skip_space(s);
    return ok;
}

bool json_scan(const char *text, size_t size, unsigned depth, struct json_extent *ret)
{
    struct scanner s = {
        .at = (const unsigned char *)text,
        .end = (const unsigned char *)text + size,
        .depth_max = depth,
    };

    if (!scan_value(&s) || s.at != s.end)
        return false;
    *ret = s.extent;
    return true;
}

bool json_scan_is_utf8(const char *text, size_t size)
{
    struct scanner s = {
        .at = (const unsigned char *)text,
        .end = (const unsigned char *)text + size,
    };

    while (s.at < s.end) {
        if (*s.at < 0x80)
            s.at++;
        else if (!scan_utf8(&s))
            return false;
    }
    return true;
}

void json_scan_make_utf8(char *text, size_t size)
{
    struct scanner s = {
        .at = (const unsigned char *)text,
        .end = (const unsigned char *)text + size,
    };

    while (s.at < s.end) {
        const unsigned char *start = s.at;
        if (*start < 0x80) {
            s.at++;
        } else if (!scan_utf8(&s)) {
            text[start - (const unsigned char *)text] = '?';
            s.at = start + 1;
        }
    }
}
