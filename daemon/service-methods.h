/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of the service share: their methods, for the table in service.c, and the ways in
 * which calls fail. */

#include "daemon/service.h"
#include "daemon/wire.h"

#define SERVICE_ERROR(name) SERVICE_INTERFACE "." name

/* Airstore has no session of this name, but tells only those who have a key. */
#define SERVICE_NO_SESSION "airstore-oauthd-checks-its-key"

/* Ends the call with a reply; abandons it when memory ran out (NULL). */
void service_reply(struct varlink_call *call, struct json_object *parameters);
/* The same with parameters as text; abandons it when r is negative. */
void service_reply_text(struct varlink_call *call, int r, const struct buffer *parameters);
void service_fail(struct varlink_call *call, const char *error, struct json_object *parameters);
/* NAME with its only field. */
void service_fail_with(
    struct varlink_call *call, const char *error, const char *field, const char *value);
void service_fail_integration(
    struct varlink_call *call, const char *integration_type, const char *message);
void service_fail_limit(struct varlink_call *call, const char *limit, int64_t maximum);
void service_fail_api(struct varlink_call *call, const struct api_error *error);

/* NULL, or what can be put into requests. */
bool service_text_is_plain(const char *text_or_null);

/* Whether this can be an integration type, known or not, or is NULL; else the call is ended. */
bool service_takes_integration(struct varlink_call *call, const char *type_or_null);

/* Whether one more request may be sent to Airstore; else the call is ended. */
bool service_may_ask(const struct service *service, struct varlink_call *call);

/*
 * Whether there is a configuration to work with. After a mistake at the start the files are read
 * again, for they may have been corrected meanwhile; where they have not, the call is ended.
 */
bool service_has_configuration(const struct service *service, struct varlink_call *call);

/* The same without ending a call: whether a mistake that was there at the start still is. */
bool service_is_mistaken(const struct service *service);

/* The profile of a name, NULL for the default one. Ends the call and returns NULL when there is
 * none of that name, or no configuration. */
const struct profile *service_profile(
    const struct service *service, struct varlink_call *call, const char *name_or_null);

/*
 * Whether the key of a profile, of service_profile(), has to be waited for, since it is in the
 * keyring: the handler runs again, once, with the same parameters (a struct of this size, which is
 * copied) when there is nothing to wait for any more.
 */
bool service_await_key(struct service *service, struct varlink_call *call,
    const struct profile *profile,
    void (*handle)(struct varlink_call *call, const void *parameters, void *userdata),
    const void *parameters, size_t size);

/* service-connections.c */
extern const struct varlink_method service_get_connection, service_list_connections,
    service_create_connection, service_delete_connection;

/* service-configuration.c */
extern const struct varlink_method service_check_api_key, service_store_api_key,
    service_forget_api_key, service_reload, service_get_configuration;

/* service-diagnosis.c */
extern const struct varlink_method service_diagnose;

/* service-poll.c, service-watch.c */
extern const struct varlink_method service_poll, service_watch;
