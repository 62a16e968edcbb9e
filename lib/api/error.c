/* SPDX-License-Identifier: MIT */
#include "lib/api/error.h"

#include "lib/base/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    enum api_error_class class;
    const char *name;
} classes[] = {
    {API_ERROR_NONE, "no error"},
    {API_ERROR_BAD_REQUEST, "bad request"},
    {API_ERROR_AUTHENTICATION, "authentication failed"},
    {API_ERROR_PERMISSION, "permission denied"},
    {API_ERROR_NOT_FOUND, "not found"},
    {API_ERROR_CONFLICT, "conflict"},
    {API_ERROR_UNPROCESSABLE, "unprocessable request"},
    {API_ERROR_RATE_LIMIT, "rate limit exceeded"},
    {API_ERROR_SERVER, "server error"},
    {API_ERROR_INVALID_REPLY, "invalid reply"},
    {API_ERROR_CONNECTION, "connection failed"},
    {API_ERROR_TIMEOUT, "timed out"},
    {API_ERROR_CANCELLED, "cancelled"},
    {API_ERROR_MEMORY, "out of memory"},
};

const char *api_error_class_name(enum api_error_class class)
{
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        if (classes[i].class == class)
            return classes[i].name;
    }
    return "unknown error";
}

enum api_key_verdict api_error_key_verdict(const struct api_error *error)
{
    switch (error->class) {
    case API_ERROR_NONE:
    case API_ERROR_NOT_FOUND:
        return API_KEY_ACCEPTED;
    case API_ERROR_AUTHENTICATION:
    case API_ERROR_PERMISSION:
        return API_KEY_REFUSED;
    default:
        return API_KEY_UNDECIDED;
    }
}

/* Statuses with a class of their own; the others go by their hundred. */
static enum api_error_class class_of_status(int status)
{
    static const struct {
        int status;
        enum api_error_class class;
    } table[] = {
        {401, API_ERROR_AUTHENTICATION},
        {403, API_ERROR_PERMISSION},
        {404, API_ERROR_NOT_FOUND},
        {409, API_ERROR_CONFLICT},
        {422, API_ERROR_UNPROCESSABLE},
        {429, API_ERROR_RATE_LIMIT},
    };

    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (table[i].status == status)
            return table[i].class;
    }
    return status < 300 || (status >= 400 && status < 500) ? API_ERROR_BAD_REQUEST
                                                           : API_ERROR_SERVER;
}

char *api_sanitise(const char *text)
{
    char *copy = malloc(API_MESSAGE_LENGTH_MAX + 1);
    size_t n = 0;

    if (!copy)
        return NULL;
    while (*text != '\0' && n < API_MESSAGE_LENGTH_MAX) {
        size_t control = control_length(text);
        copy[n++] = control > 0 ? ' ' : *text;
        text += control > 0 ? control : 1;
    }
    /* A character that was cut goes altogether. */
    if (((unsigned char)*text & 0xc0) == 0x80) {
        while (n > 0 && ((unsigned char)copy[n - 1] & 0xc0) == 0x80)
            n--;
        if (n > 0)
            n--;
    }
    copy[n] = '\0';
    return copy;
}

int api_fail(const struct api_reply *reply, enum api_error_class class, struct api_error *ret_error,
    const char *format, ...)
{
    char text[2 * API_MESSAGE_LENGTH_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);

    *ret_error = (struct api_error){
        .class = class,
        .status = reply->status,
        .message = api_sanitise(text),
        .retry_after_usec = reply->retry_after_usec,
    };
    memcpy(ret_error->request_id, reply->request_id, API_REQUEST_ID_SIZE);
    if (!ret_error->message)
        ret_error->class = API_ERROR_MEMORY;

    switch (ret_error->class) {
    case API_ERROR_INVALID_REPLY:
        return -EBADMSG;
    case API_ERROR_MEMORY:
        return -ENOMEM;
    default:
        return -EREMOTEIO;
    }
}

int api_fail_memory(const struct api_reply *reply, struct api_error *ret_error)
{
    return api_fail(reply, API_ERROR_MEMORY, ret_error, "Out of memory");
}

int api_fail_transport(const struct api_reply *reply, struct api_error *ret_error)
{
    enum api_error_class class = reply->transport;
    const char *text = *reply->transport_text ? reply->transport_text : api_error_class_name(class);
    int r;

    if (class == API_ERROR_CONNECTION)
        r = api_fail(reply, class, ret_error, "Airstore cannot be reached: %s", text);
    else if (class == API_ERROR_TIMEOUT)
        r = api_fail(reply, class, ret_error, "Airstore did not answer in time");
    else if (class == API_ERROR_CANCELLED)
        r = api_fail(reply, class, ret_error, "The request was cancelled");
    else
        r = api_fail(reply, class, ret_error, "%s", text);
    /* A status that came before the trouble would look like the reason for it. */
    ret_error->status = 0;
    return r;
}

/* The reply names its error, in one of two members; or it does not, or is no JSON at all. */
int api_fail_status(
    const struct api_reply *reply, struct json_object *root, struct api_error *ret_error)
{
    static const char *const names[] = {"error", "message"};
    enum api_error_class class = class_of_status(reply->status);

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct json_object *text = NULL;

        if (!json_object_is_type(root, json_type_object))
            break;
        json_object_object_get_ex(root, names[i], &text);
        if (json_object_is_type(text, json_type_string) && json_object_get_string_len(text) > 0)
            return api_fail(reply, class, ret_error, "%s", json_object_get_string(text));
    }
    return api_fail(reply, class, ret_error, "Request failed with status %d", reply->status);
}

void api_error_clear(struct api_error *error)
{
    free(error->message);
    *error = (struct api_error){.retry_after_usec = -1};
}
