/* SPDX-License-Identifier: MIT */
#include "lib/varlink/message.h"

#include "lib/base/json.h"

#include <errno.h>

int varlink_call_parse(struct json_object *message, struct varlink_call_message *ret)
{
    static const struct json_field table[] = {
        {"method", JSON_STRING, offsetof(struct varlink_call_message, method), true},
        {"parameters", JSON_OBJECT, offsetof(struct varlink_call_message, parameters), false},
        {"more", JSON_BOOLEAN, offsetof(struct varlink_call_message, more), false},
        {"oneway", JSON_BOOLEAN, offsetof(struct varlink_call_message, oneway), false},
        {"upgrade", JSON_BOOLEAN, offsetof(struct varlink_call_message, upgrade), false},
        {0},
    };
    struct varlink_call_message call = {0};
    const char *field;

    if (!json_object_is_type(message, json_type_object) ||
        json_read(message, table, JSON_UNKNOWN_REFUSED, &call, &field) < 0)
        return -EBADMSG;
    *ret = call;
    return 0;
}

int varlink_reply_parse(struct json_object *message, struct varlink_reply_message *ret)
{
    static const struct json_field table[] = {
        {"error", JSON_STRING, offsetof(struct varlink_reply_message, error), false},
        {"parameters", JSON_OBJECT, offsetof(struct varlink_reply_message, parameters), false},
        {"continues", JSON_BOOLEAN, offsetof(struct varlink_reply_message, continues), false},
        {0},
    };
    struct varlink_reply_message reply = {0};
    const char *field;

    if (!json_object_is_type(message, json_type_object) ||
        json_read(message, table, JSON_UNKNOWN_REFUSED, &reply, &field) < 0)
        return -EBADMSG;
    if (reply.error && reply.continues)
        return -EBADMSG;
    *ret = reply;
    return 0;
}

static int add_parameters(struct json_object *message, struct json_object *parameters)
{
    return json_add(
        message, "parameters", parameters ? json_object_get(parameters) : json_object_new_object());
}

int varlink_call_build(const struct varlink_call_message *call, struct json_object **ret)
{
    _cleanup_json_ struct json_object *message = json_object_new_object();

    if (!message || json_add_string(message, "method", call->method) < 0 ||
        add_parameters(message, call->parameters) < 0 ||
        (call->more && json_add_boolean(message, "more", true) < 0) ||
        (call->oneway && json_add_boolean(message, "oneway", true) < 0) ||
        (call->upgrade && json_add_boolean(message, "upgrade", true) < 0))
        return -ENOMEM;
    *ret = TAKE_PTR(message);
    return 0;
}
