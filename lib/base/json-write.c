/* SPDX-License-Identifier: MIT */
#include "lib/base/json-write.h"

#include "lib/base/timestamp.h"

#include <stdbool.h>

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static int write_escaped(struct buffer *buffer, char c)
{
    return (unsigned char)c < 0x20 ? buffer_printf(buffer, "\\u%04x", (unsigned char)c)
                                   : buffer_append(buffer, (char[]){'\\', c}, 2);
}

static int write_with_escapes(struct buffer *buffer, const char *text)
{
    int r = buffer_append(buffer, "\"", 1);

    while (r >= 0 && *text) {
        size_t n = 0;
        while (is_plain(text[n]))
            n++;
        r = buffer_append(buffer, text, n);
        text += n;
        if (r >= 0 && *text)
            r = write_escaped(buffer, *text++);
    }
    return r < 0 ? r : buffer_append(buffer, "\"", 1);
}

int json_write_string(struct buffer *buffer, const char *text)
{
    size_t n = 0;

    while (is_plain(text[n]))
        n++;
    if (text[n])
        return write_with_escapes(buffer, text);
    /* Nearly all of them: at one go. */
    int r = buffer_reserve(buffer, n + 2);
    if (r < 0)
        return r;
    char *at = buffer->data + buffer->size;
    *at++ = '"';
    at = mempcpy(at, text, n);
    *at++ = '"';
    *at = '\0';
    buffer->size += n + 2;
    return 0;
}

int json_write_name(struct buffer *buffer, const char *name)
{
    int r = buffer->data[buffer->size - 1] == '{' ? 0 : buffer_append(buffer, ",", 1);

    if (r >= 0)
        r = json_write_string(buffer, name);
    return r < 0 ? r : buffer_append(buffer, ":", 1);
}

/* The same of a name of ours, which needs no escapes, at one go. */
static int write_plain_name(struct buffer *buffer, const char *name)
{
    size_t n = strlen(name);

    int r = buffer_reserve(buffer, n + 4);
    if (r < 0)
        return r;
    char *start = buffer->data + buffer->size, *at = start;
    if (start[-1] != '{')
        *at++ = ',';
    *at++ = '"';
    at = mempcpy(at, name, n);
    at = stpcpy(at, "\":");
    buffer->size += (size_t)(at - start);
    return 0;
}

int json_write_member(struct buffer *buffer, const char *name, const char *text_or_null)
{
    if (!text_or_null)
        return 0;
    int r = write_plain_name(buffer, name);
    return r < 0 ? r : json_write_string(buffer, text_or_null);
}

int json_write_time(struct buffer *buffer, const char *name, int64_t usec)
{
    char text[TIMESTAMP_SIZE];

    return usec < 0 ? 0 : json_write_member(buffer, name, timestamp_format(usec, text));
}
