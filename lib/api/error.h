/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * How errors are made from what Airstore sent: the class of a status, texts that are safe to show.
 * For the parsers of response.c; what others use stands in response.h.
 */

#include "lib/api/response.h"

#include <json-c/json.h>
#include <stddef.h>

/* Texts of the server are cut at this length. */
#define API_MESSAGE_LENGTH_MAX 1000

/*
 * Each fills *ret_error and returns what the parser is to return: -EBADMSG for an invalid reply,
 * -ENOMEM, else -EREMOTEIO. Where there is no memory for the message, it is NULL.
 */
int api_fail(const struct api_reply *reply, enum api_error_class class, struct api_error *ret_error,
    const char *format, ...) _printf_(4, 5);
int api_fail_memory(const struct api_reply *reply, struct api_error *ret_error);
/* No status arrived, or not all of the reply. */
int api_fail_transport(const struct api_reply *reply, struct api_error *ret_error);
/* The server says no. root: the body, NULL when it is no JSON. */
int api_fail_status(
    const struct api_reply *reply, struct json_object *root, struct api_error *ret_error);

/* A copy that is safe to show: control characters are blanks, and it is not too long. NULL without
 * memory. */
char *api_sanitise(const char *text);
