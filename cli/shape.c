/* SPDX-License-Identifier: MIT */
#include "cli/shape.h"

#include "lib/base/control.h"
#include "lib/base/memory.h"

#include <stdbool.h>
#include <wchar.h>

void text_make_safe(char *text)
{
    char *to = text;

    while (*text) {
        size_t n = control_length(text);
        *to++ = n > 0 ? '?' : *text;
        text += n > 0 ? n : 1;
    }
    *to = '\0';
}

/* The bytes of the first character, and its columns. What is none counts as one, byte by byte. */
static size_t character(const char *text, size_t *ret_width)
{
    mbstate_t state = {0};
    wchar_t wide;

    size_t n = mbrtowc(&wide, text, strlen(text), &state);
    bool valid = n > 0 && n != (size_t)-1 && n != (size_t)-2;
    int width = valid ? wcwidth(wide) : -1;

    *ret_width = width >= 0 ? (size_t)width : 1;
    return valid ? n : 1;
}

size_t text_fitting(const char *text, size_t width)
{
    size_t length = 0, used = 0, columns;

    while (text[length]) {
        size_t n = character(text + length, &columns);
        if (used + columns > width)
            break;
        used += columns;
        length += n;
    }
    return length;
}

size_t text_width(const char *text)
{
    size_t width = 0, columns;

    while (*text) {
        text += character(text, &columns);
        width += columns;
    }
    return width;
}

/* What may not be broken, from here: a word, or a command up to a parenthesis or the end. */
static size_t unbroken(const char *text, bool after_colon)
{
    static const char *const programs[] = {"airstore-oauth ", "systemctl ", "journalctl "};

    for (size_t i = 0; after_colon && i < ARRAY_SIZE(programs); i++) {
        if (strncmp(text, programs[i], strlen(programs[i])) != 0)
            continue;
        const char *end = strstr(text, " (");
        return end ? (size_t)(end - text) : strlen(text);
    }
    return strcspn(text, " ");
}

size_t text_line(const char *text, size_t width)
{
    size_t fitting = text_fitting(text, width), length = 0;

    for (;;) {
        size_t blanks = strspn(text + length, " ");
        bool after_colon = length > 0 && text[length - 1] == ':';
        size_t end = length + blanks + unbroken(text + length + blanks, after_colon);

        if (end > fitting && length > 0)
            return length;
        length = end;
        if (text[length] == '\0' || length > fitting)
            return length;
    }
}
