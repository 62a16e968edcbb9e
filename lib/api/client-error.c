/* SPDX-License-Identifier: MIT */

/* The error objects of libairstore, and the errno that goes with each class. */

#include "lib/api/client.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

struct airstore_error {
    airstore_error_class class;
    int status;
    char *message; /* NULL: the name of the class has to do */
    char request_id[API_REQUEST_ID_SIZE];
};

/* Returned when there is no memory for another one. Never written to. */
static airstore_error no_memory = {.class = AIRSTORE_ERROR_MEMORY};

/* The classes of lib/api/response.h come first, in their order. */
static_assert((int)AIRSTORE_ERROR_BAD_REQUEST == (int)API_ERROR_BAD_REQUEST &&
                  (int)AIRSTORE_ERROR_SERVER == (int)API_ERROR_SERVER &&
                  (int)AIRSTORE_ERROR_MEMORY == (int)API_ERROR_MEMORY,
    "the classes must stay in the same order");

static const int errnos[] = {
    [AIRSTORE_ERROR_BAD_REQUEST] = EREMOTEIO,
    [AIRSTORE_ERROR_AUTHENTICATION] = EREMOTEIO,
    [AIRSTORE_ERROR_PERMISSION] = EREMOTEIO,
    [AIRSTORE_ERROR_NOT_FOUND] = EREMOTEIO,
    [AIRSTORE_ERROR_CONFLICT] = EREMOTEIO,
    [AIRSTORE_ERROR_UNPROCESSABLE] = EREMOTEIO,
    [AIRSTORE_ERROR_RATE_LIMIT] = EREMOTEIO,
    [AIRSTORE_ERROR_SERVER] = EREMOTEIO,
    [AIRSTORE_ERROR_INVALID_REPLY] = EBADMSG,
    [AIRSTORE_ERROR_CONNECTION] = EHOSTUNREACH,
    [AIRSTORE_ERROR_TIMEOUT] = ETIMEDOUT,
    [AIRSTORE_ERROR_CANCELLED] = ECANCELED,
    [AIRSTORE_ERROR_MEMORY] = ENOMEM,
    [AIRSTORE_ERROR_INVALID_ARGUMENT] = EINVAL,
    [AIRSTORE_ERROR_SESSION_FAILED] = ECONNREFUSED,
    [AIRSTORE_ERROR_SESSION_TIMED_OUT] = ETIME,
};

int client_fail_memory(airstore_error **ret_error)
{
    if (ret_error)
        *ret_error = &no_memory;
    return -ENOMEM;
}

/* Takes over the message. */
static int make_error(airstore_error_class class, int status, char *message, const char *request_id,
    airstore_error **ret_error)
{
    airstore_error *error;

    if (!ret_error) {
        free(message);
        return -errnos[class];
    }
    error = calloc(1, sizeof(*error));
    if (!error) {
        free(message);
        return client_fail_memory(ret_error);
    }
    error->class = class;
    error->status = status;
    error->message = message;
    snprintf(error->request_id, sizeof(error->request_id), "%s", request_id);
    *ret_error = error;
    return -errnos[class];
}

int client_fail(const struct api_error *error, airstore_error **ret_error)
{
    char *message = error->message ? strdup(error->message) : NULL;

    return make_error(
        (airstore_error_class)error->class, error->status, message, error->request_id, ret_error);
}

int client_fail_text(
    airstore_error_class class, airstore_error **ret_error, const char *format, ...)
{
    va_list arguments;
    char *message = NULL;

    va_start(arguments, format);
    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    va_end(arguments);
    return make_error(class, 0, message, "", ret_error);
}

airstore_error *airstore_error_free(airstore_error *error)
{
    if (error && error != &no_memory) {
        free(error->message);
        free(error);
    }
    return NULL;
}

airstore_error_class airstore_error_get_class(const airstore_error *error)
{
    return error->class;
}

int airstore_error_get_status(const airstore_error *error)
{
    return error->status;
}

const char *airstore_error_get_message(const airstore_error *error)
{
    return error->message ? error->message : "Out of memory";
}

const char *airstore_error_get_request_id(const airstore_error *error)
{
    return error->request_id[0] != '\0' ? error->request_id : NULL;
}
