/* SPDX-License-Identifier: MIT */
#include "lib/base/json-scan.h"

#include "lib/base/json.h"

#include <errno.h>

struct scanner {
    const unsigned char *at, *end;
    unsigned depth; /* how much deeper it may still go */
    bool build;     /* else it is only looked at */
    bool no_memory;
};

static bool scan_value(struct scanner *s, struct json_object **ret);

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

/* Hands it out, if there was memory for it. */
static bool hand_out(struct scanner *s, struct json_object *made, struct json_object **ret)
{
    s->no_memory = !made;
    *ret = made;
    return made;
}

/* A number with a fraction, which is known to be fine, as json-c reads it: the same in all
 * locales. */
static bool hand_to_json_c(struct scanner *s, const unsigned char *start, struct json_object **ret)
{
    struct json_tokener *tokener = json_tokener_new_ex(1);
    struct json_object *made = NULL;

    if (tokener)
        made = json_tokener_parse_ex(tokener, (const char *)start, (int)(s->at - start));
    /* A number ends only where its text does. */
    if (tokener && json_tokener_get_error(tokener) == json_tokener_continue)
        made = json_tokener_parse_ex(tokener, "", 1);
    if (tokener)
        json_tokener_free(tokener);
    return hand_out(s, made, ret);
}

/* False when it is beyond 64 bits. */
static bool read_integer(const unsigned char *digits, size_t n, bool negative, int64_t *ret)
{
    int64_t value = 0; /* the negative of it, for there is one more of these */

    for (size_t i = 0; i < n; i++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digits[i] - '0', &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *ret = negative ? value : -value;
    return true;
}

static bool scan_number(struct scanner *s, struct json_object **ret)
{
    const unsigned char *start = s->at;
    bool negative = accept(s, '-'), integer = true;
    const unsigned char *digits = s->at;
    int64_t value;

    if (!accept_digits(s) || (*digits == '0' && s->at - digits > 1))
        return false;
    size_t n = (size_t)(s->at - digits);

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
    if (integer && !read_integer(digits, n, negative, &value))
        return false;
    if (!s->build)
        return true;
    return integer ? hand_out(s, json_object_new_int64(value), ret) : hand_to_json_c(s, start, ret);
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

static char *write_utf8(char *to, unsigned character)
{
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    int more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;

    *to++ = (char)(lead[more] | character >> 6 * more);
    while (more-- > 0)
        *to++ = (char)(0x80 | (character >> 6 * more & 0x3f));
    return to;
}

/* Behind a backslash; scan_escape() has found it fine. */
static char *decode_escape(struct scanner *s, char *to)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    unsigned first = 0, second = 0;

    if (!accept(s, 'u')) {
        *to++ = meant[strchr(letters, *s->at++) - letters];
        return to;
    }
    (void)scan_hex4(s, &first);
    if (first >= 0xd800 && first <= 0xdbff) {
        s->at += strlen("\\u");
        (void)scan_hex4(s, &second);
        first = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    }
    return write_utf8(to, first);
}

/* What stands between quotes, with escapes in it, which only ever become shorter. */
static bool hand_out_decoded(struct scanner *s, const unsigned char *start,
    const unsigned char *end, struct json_object **ret)
{
    struct scanner escaped = {.at = start, .end = end};
    char *text = malloc((size_t)(end - start)), *to = text;
    struct json_object *made = NULL;

    while (text && escaped.at < end) {
        if (accept(&escaped, '\\'))
            to = decode_escape(&escaped, to);
        else
            *to++ = (char)*escaped.at++;
    }
    if (text) {
        made = json_object_new_string_len(text, (int)(to - text));
        explicit_bzero(text, (size_t)(end - start));
    }
    free(text);
    return hand_out(s, made, ret);
}

static bool scan_string(struct scanner *s, struct json_object **ret)
{
    const unsigned char *start = s->at;
    bool escapes = false;

    if (!accept(s, '"'))
        return false;
    for (skip_plain(s); !accept(s, '"'); skip_plain(s)) {
        if (s->at == s->end)
            return false;
        bool escape = accept(s, '\\');
        if (escape ? !scan_escape(s) : *s->at < 0x80 || !scan_utf8(s))
            return false;
        escapes |= escape;
    }
    if (!s->build)
        return true;
    if (escapes)
        return hand_out_decoded(s, start + 1, s->at - 1, ret);
    return hand_out(
        s, json_object_new_string_len((const char *)start + 1, (int)(s->at - start - 2)), ret);
}

static bool scan_element(struct scanner *s, struct json_object *array)
{
    struct json_object *value = NULL;

    if (!scan_value(s, &value))
        return false;
    if (s->build && json_object_array_add(array, value) < 0) {
        json_erase(value);
        s->no_memory = true;
        return false;
    }
    return true;
}

static bool scan_member(struct scanner *s, struct json_object *object)
{
    _cleanup_json_ struct json_object *name = NULL;
    struct json_object *value = NULL;

    skip_space(s);
    if (!scan_string(s, &name))
        return false;
    skip_space(s);
    if (!accept(s, ':') || !scan_value(s, &value))
        return false;
    if (!s->build)
        return true;
    int n = json_object_object_length(object);
    if (json_object_object_add(object, json_object_get_string(name), value) < 0) {
        json_erase(value);
        s->no_memory = true;
        return false;
    }
    return json_object_object_length(object) > n; /* else it has taken the place of another */
}

/* Behind the bracket. The container is given up by the caller when something is wrong. */
static bool scan_container(struct scanner *s, char end,
    bool (*scan)(struct scanner *s, struct json_object *container), struct json_object *container)
{
    skip_space(s);
    if (accept(s, end))
        return true;
    do {
        if (!scan(s, container))
            return false;
    } while (accept(s, ','));
    return accept(s, end);
}

static bool scan_nested(struct scanner *s, struct json_object **ret)
{
    struct json_object *container = NULL;
    bool array = accept(s, '[');

    if (!array && !accept(s, '{'))
        return false;
    if (s->depth == 0)
        return false;
    if (s->build &&
        !hand_out(s, array ? json_object_new_array() : json_object_new_object(), &container))
        return false;
    s->depth--;
    bool ok = array ? scan_container(s, ']', scan_element, container)
                    : scan_container(s, '}', scan_member, container);
    s->depth++;
    if (!ok)
        container = json_erase(container);
    *ret = container;
    return ok;
}

static bool scan_word(struct scanner *s, struct json_object **ret)
{
    bool yes;

    if (accept_word(s, "null")) {
        *ret = NULL;
        return true;
    }
    yes = accept_word(s, "true");
    if (!yes && !accept_word(s, "false"))
        return false;
    return !s->build || hand_out(s, json_object_new_boolean(yes), ret);
}

static bool scan_value(struct scanner *s, struct json_object **ret)
{
    bool ok;

    skip_space(s);
    if (s->at == s->end)
        return false;
    if (*s->at == '{' || *s->at == '[')
        ok = scan_nested(s, ret);
    else if (*s->at == '"')
        ok = scan_string(s, ret);
    else if (*s->at == '-' || (*s->at >= '0' && *s->at <= '9'))
        ok = scan_number(s, ret);
    else
        ok = scan_word(s, ret);
    skip_space(s);
    return ok;
}

bool json_scan(const char *text, size_t size, unsigned depth)
{
    struct json_object *none;
    struct scanner s = {
        .at = (const unsigned char *)text,
        .end = (const unsigned char *)text + size,
        .depth = depth,
    };

    return scan_value(&s, &none) && s.at == s.end;
}

int json_scan_value(const char *text, size_t size, unsigned depth, struct json_object **ret)
{
    struct json_object *value = NULL;
    struct scanner s = {
        .at = (const unsigned char *)text,
        .end = (const unsigned char *)text + size,
        .depth = depth,
        .build = true,
    };

    /* Looked at first: it is nearly free beside making thousands of values of a text that turns out
     * to be nonsense at its end. What can go wrong then is memory, or a member that occurs twice.
     */
    if (!json_scan(text, size, depth))
        return -EBADMSG;
    if (!scan_value(&s, &value))
        return s.no_memory ? -ENOMEM : -EBADMSG;
    *ret = value;
    return 0;
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
