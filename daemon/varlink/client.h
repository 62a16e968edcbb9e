/* SPDX-License-Identifier: MIT */
#pragma once

/* One Varlink call on the loop, over a connection that is made for it and closed after it. */

#include "lib/base/json.h"

#include <stdint.h>
#include <systemd/sd-event.h>

struct varlink_request;

/*
 * Sends the call over a connected socket, which is taken over in any case; the parameters are
 * borrowed. The handler runs once, from the loop: error is NULL and the parameters are those of the
 * reply; or it is the name of the error and the parameters are its own; or, when there is no reply
 * in time, it is "" and there are none. The request is gone by then. 0 or negative errno, and the
 * handler will not run.
 */
int varlink_request_send(sd_event *event, int fd, const char *method,
    struct json_object *parameters, uint64_t timeout_usec,
    void (*handler)(const char *error, struct json_object *parameters, void *userdata),
    void *userdata, struct varlink_request **ret);

/* The handler will not run. Returns NULL; NULL is fine. */
struct varlink_request *varlink_request_cancel(struct varlink_request *request);
