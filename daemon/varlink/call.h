/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One call of a client, from its dispatch to its final reply. A handler gets the call and must end
 * it exactly once, with varlink_call_reply() or one of the failures, then or later; that frees it.
 * This holds when the client has hung up in the meantime, too: what is said then goes nowhere.
 */

#include "lib/base/json.h"

#include <stdbool.h>

struct varlink_call;

/* The final reply. Takes over the parameters (NULL: none). */
void varlink_call_reply(struct varlink_call *call, struct json_object *parameters);

/* The same with parameters that are text already: a whole JSON object, borrowed. */
void varlink_call_reply_text(struct varlink_call *call, const struct buffer *parameters);
void varlink_call_reply_more_text(struct varlink_call *call, const struct buffer *parameters);

/* A reply with more to follow. Only for calls with varlink_call_more(). Takes over the parameters.
 */
void varlink_call_reply_more(struct varlink_call *call, struct json_object *parameters);

/* The final reply, an error: its full name. Takes over the parameters (NULL: none). */
void varlink_call_fail(
    struct varlink_call *call, const char *error, struct json_object *parameters);

/* org.varlink.service.InvalidParameter. */
void varlink_call_fail_parameter(struct varlink_call *call, const char *parameter);

/* For when memory runs out while a reply is built: ends the call and the connection. */
void varlink_call_abandon(struct varlink_call *call);

/* Whether the client wants more than one reply. */
bool varlink_call_more(const struct varlink_call *call);

/* Whether the client wants no reply, which is then not sent. */
bool varlink_call_oneway(const struct varlink_call *call);

/* Whether it came in on a socket that only gives information. */
bool varlink_call_restricted(const struct varlink_call *call);

/* Runs once when the client hangs up before the final reply, which still has to be given (from
 * inside the handler, or later). */
void varlink_call_on_hangup(struct varlink_call *call,
    void (*handler)(struct varlink_call *call, void *userdata), void *userdata);

/*
 * For answers of any length: the handler runs whenever the client has read most of what was sent to
 * it, for the first time in the next turn of the loop, until it is NULL again. It sends as long as
 * there is room; what goes beyond costs the client its connection.
 */
void varlink_call_on_room(struct varlink_call *call,
    void (*handler)(struct varlink_call *call, void *userdata), void *userdata);
bool varlink_call_has_room(const struct varlink_call *call);
