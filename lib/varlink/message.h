/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The two kinds of Varlink messages, calls and replies, as JSON objects: taken apart and built, no
 * I/O. Source: https://varlink.org/Method-Call, and the stricter UAPI.20.
 */

#include <json-c/json.h>
#include <stdbool.h>

struct varlink_call_message {
    const char *method;             /* "org.example.Interface.Method" */
    struct json_object *parameters; /* NULL when there are none */
    bool more, oneway, upgrade;
};

struct varlink_reply_message {
    const char *error;              /* NULL when the call succeeded */
    struct json_object *parameters; /* NULL when there are none */
    bool continues;                 /* more replies to the same call follow */
};

/*
 * Both borrow from the message, and refuse anything that is not to the letter of the specification.
 * Return 0 or -EBADMSG.
 */
int varlink_call_parse(struct json_object *message, struct varlink_call_message *ret);
int varlink_reply_parse(struct json_object *message, struct varlink_reply_message *ret);

/*
 * Borrows the parameters (NULL: none) and returns a message of the caller's in *ret. Returns 0 or
 * -ENOMEM. Replies are written as text, see varlink_stream_queue_reply().
 */
int varlink_call_build(const struct varlink_call_message *call, struct json_object **ret);
