/* SPDX-License-Identifier: MIT */
#include "lib/base/buffer.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

int buffer_reserve(struct buffer *buffer, size_t size)
{
    if (size > SIZE_MAX / 4 || buffer->size > SIZE_MAX / 4)
        return -ENOMEM;
    if (buffer->limit > 0 && buffer->size + size > buffer->limit)
        return -EMSGSIZE;

    size_t needed = buffer->size + size + 1;
    if (needed <= buffer->allocated)
        return 0;

    size_t allocated = buffer->allocated * 2;
    if (allocated < needed)
        allocated = needed;
    if (allocated < 256)
        allocated = 256;

    /* Not realloc(), which would leave a copy behind that nobody erases. */
    char *data = malloc(allocated);
    if (!data)
        return -ENOMEM;
    if (buffer->size > 0)
        memcpy(data, buffer->data, buffer->size);
    data[buffer->size] = '\0';
    if (buffer->data) {
        explicit_bzero(buffer->data, buffer->allocated);
        free(buffer->data);
    }
    buffer->data = data;
    buffer->allocated = allocated;
    return 0;
}

int buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    int r = buffer_reserve(buffer, size);
    if (r < 0)
        return r;
    if (size > 0)
        memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
    return 0;
}

int buffer_append_string(struct buffer *buffer, const char *string)
{
    return buffer_append(buffer, string, strlen(string));
}

int buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return -EINVAL;

    int r = buffer_reserve(buffer, (size_t)length);
    if (r < 0)
        return r;
    va_start(arguments, format);
    vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)length;
    return 0;
}

int buffer_expand(
    struct buffer *buffer, const char *text, buffer_append_named append, const void *userdata)
{
    char name[32];

    for (;;) {
        size_t length = strcspn(text, "{");
        int r = buffer_append(buffer, text, length);
        text += length;
        if (r < 0 || *text == '\0')
            return r;
        length = strcspn(++text, "}");
        snprintf(name, sizeof(name), "%.*s", (int)length, text);
        r = append(buffer, name, userdata);
        if (r < 0)
            return r;
        text += length + (text[length] == '}');
    }
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    if (size >= buffer->size) {
        size = buffer->size;
        if (size == 0)
            return;
    }
    memmove(buffer->data, buffer->data + size, buffer->size - size);
    explicit_bzero(buffer->data + buffer->size - size, size);
    buffer->size -= size;
    buffer->data[buffer->size] = '\0';
}

char *buffer_take(struct buffer *buffer)
{
    char *data = buffer->data;

    buffer->data = NULL;
    buffer->size = 0;
    buffer->allocated = 0;
    return data;
}

void buffer_clear(struct buffer *buffer)
{
    if (buffer->data) {
        explicit_bzero(buffer->data, buffer->allocated);
        free(buffer->data);
    }
    buffer->data = NULL;
    buffer->size = 0;
    buffer->allocated = 0;
}
