/* SPDX-License-Identifier: MIT */
#pragma once

/* Sessions, connections and errors as the JSON objects of ai.airstore.OAuth. Those that return one
 * return NULL when memory runs out; the caller puts it. */

#include "daemon/session.h"
#include "lib/api/integration.h"
#include "lib/api/response.h"
#include "lib/base/json.h"

/* with_url: whether whoever reads it may act for the person. */
struct json_object *wire_session(const struct session *session, bool with_url);
struct json_object *wire_integration(const struct integration *integration);

/*
 * Connections are asked for more often than all the rest, and there may be very many of them: they
 * are appended as text, by itself or as {"connection": …}. 0 or -ENOMEM.
 */
int wire_connection(struct buffer *text, const struct api_connection *connection);
int wire_connection_alone(struct buffer *text, const struct api_connection *connection);

/* {"NAME": VALUE}; takes over the value, and is NULL when that is. */
struct json_object *wire_object(const char *name, struct json_object *value);

/* What a request to Airstore failed with: the full name of the error in *ret_name. */
struct json_object *wire_api_error(const struct api_error *error, const char **ret_name);
