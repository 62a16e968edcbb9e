/* SPDX-License-Identifier: MIT */
#include "daemon/service.h"

#include "daemon/interface.h"
#include "daemon/keys.h"
#include "daemon/service-methods.h"
#include "lib/base/timestamp.h"
#include "lib/base/url.h"

#include <errno.h>
#include <stdio.h>

/* Ways to end a call */

void service_reply(struct varlink_call *call, struct json_object *parameters)
{
    if (parameters)
        varlink_call_reply(call, parameters);
    else
        varlink_call_abandon(call);
}

void service_reply_text(struct varlink_call *call, int r, const struct buffer *parameters)
{
    if (r >= 0)
        varlink_call_reply_text(call, parameters);
    else
        varlink_call_abandon(call);
}

void service_fail(struct varlink_call *call, const char *error, struct json_object *parameters)
{
    if (parameters)
        varlink_call_fail(call, error, parameters);
    else
        varlink_call_abandon(call);
}

void service_fail_with(
    struct varlink_call *call, const char *error, const char *field, const char *value)
{
    service_fail(call, error, wire_object(field, json_object_new_string(value)));
}

void service_fail_integration(
    struct varlink_call *call, const char *integration_type, const char *message)
{
    struct json_object *parameters = wire_object("message", json_object_new_string(message));

    if (parameters && json_add_string(parameters, "integration_type", integration_type) < 0) {
        json_object_put(parameters);
        parameters = NULL;
    }
    service_fail(call, SERVICE_ERROR("InvalidIntegration"), parameters);
}

void service_fail_limit(struct varlink_call *call, const char *limit, int64_t maximum)
{
    struct json_object *parameters = wire_object("limit", json_object_new_string(limit));

    if (parameters && json_add_integer(parameters, "maximum", maximum) < 0) {
        json_object_put(parameters);
        parameters = NULL;
    }
    service_fail(call, SERVICE_ERROR("LimitReached"), parameters);
}

void service_fail_api(struct varlink_call *call, const struct api_error *error)
{
    const char *name = NULL;
    struct json_object *parameters = wire_api_error(error, &name);

    service_fail(call, name, parameters);
}

bool service_text_is_plain(const char *text)
{
    return !text || api_id_is_plain(text);
}

bool service_takes_integration(struct varlink_call *call, const char *type)
{
    if (!type || integration_type_is_valid(type))
        return true;
    service_fail_integration(call, type,
        "an integration type consists of the characters a-z, 0-9, _ and - only: "
        "'airstore-oauth integrations' lists those that are known");
    return false;
}

bool service_may_ask(const struct service *service, struct varlink_call *call)
{
    if (service->n_requests < SERVICE_REQUESTS_MAX)
        return true;
    service_fail_limit(call, "requests to Airstore under way", SERVICE_REQUESTS_MAX);
    return false;
}

bool service_is_mistaken(const struct service *service)
{
    _cleanup_free_ char *mistakes = NULL;

    return service->config->mistakes && service->reload(&mistakes, service->userdata) < 0;
}

bool service_has_configuration(const struct service *service, struct varlink_call *call)
{
    if (!service_is_mistaken(service))
        return true;
    service_fail_with(
        call, SERVICE_ERROR("InvalidConfiguration"), "message", service->config->mistakes);
    return false;
}

const struct profile *service_profile(
    const struct service *service, struct varlink_call *call, const char *name)
{
    char text[CONFIG_TEXT_SIZE];

    if (!service_has_configuration(service, call))
        return NULL;
    const struct profile *profile = config_profile(service->config, name);
    if (profile)
        return profile;
    if (config_is_profile_name(name))
        service_fail_with(
            call, SERVICE_ERROR("NotConfigured"), "message", config_no_profile(name, text));
    else
        varlink_call_fail_parameter(call, "profile");
    return NULL;
}

struct key_wait {
    struct service *service;
    struct varlink_call *call;
    void (*handle)(struct varlink_call *call, const void *parameters, void *userdata);
    _Alignas(max_align_t) char parameters[VARLINK_PARAMETERS_MAX];
};

static void on_key(void *userdata)
{
    _cleanup_free_ struct key_wait *wait = userdata;

    wait->service->key_awaited = true;
    wait->handle(wait->call, wait->parameters, wait->service);
    wait->service->key_awaited = false;
}

bool service_await_key(struct service *service, struct varlink_call *call,
    const struct profile *profile,
    void (*handle)(struct varlink_call *call, const void *parameters, void *userdata),
    const void *parameters, size_t size)
{
    _cleanup_free_ struct key_wait *wait = NULL;

    if (service->key_awaited)
        return false;
    wait = calloc(1, sizeof(*wait));
    if (!wait || !keys_await(service->keys, profile, on_key, wait))
        return false;
    *wait = (struct key_wait){.service = service, .call = call, .handle = handle};
    memcpy(wait->parameters, parameters, size);
    (void)TAKE_PTR(wait);
    return true;
}

/* CreateSession */

struct create_parameters {
    const char *profile, *integration_type, *workspace_id, *return_to;
    bool open_browser, always_new;
};

static const struct json_field create_fields[] = {
    {"integration_type", JSON_STRING, offsetof(struct create_parameters, integration_type), true},
    {"profile", JSON_STRING, offsetof(struct create_parameters, profile), false},
    {"workspace_id", JSON_STRING, offsetof(struct create_parameters, workspace_id), false},
    {"return_to", JSON_STRING, offsetof(struct create_parameters, return_to), false},
    {"open_browser", JSON_BOOLEAN, offsetof(struct create_parameters, open_browser), false},
    {"always_new", JSON_BOOLEAN, offsetof(struct create_parameters, always_new), false},
    {0},
};

static const struct create_parameters create_defaults = {.open_browser = true};

static struct json_object *creation_reply(const struct creation_outcome *outcome)
{
    struct json_object *reply = wire_object("session", wire_session(outcome->session, true));

    if (reply && (json_add_boolean(reply, "existing", outcome->existing) < 0 ||
                     json_add_boolean(reply, "browser_opened", outcome->browser_opened) < 0 ||
                     json_add_string(reply, "browser_problem", outcome->browser_problem) < 0 ||
                     json_add_string(reply, "warning", outcome->warning) < 0)) {
        json_object_put(reply);
        return NULL;
    }
    return reply;
}

struct creation_call {
    const struct service *service;
    struct varlink_call *call;
    char *integration_type;
};

static void on_creation(const struct creation_outcome *outcome, void *userdata)
{
    struct creation_call *waiting = userdata;
    struct varlink_call *call = waiting->call;

    switch (outcome->result) {
    case CREATION_DONE:
        service_reply(call, creation_reply(outcome));
        break;
    case CREATION_INVALID_INTEGRATION:
        service_fail_integration(call, waiting->integration_type, outcome->message);
        break;
    case CREATION_NOT_CONFIGURED:
        service_fail_with(call, SERVICE_ERROR("NotConfigured"), "message", outcome->message);
        break;
    case CREATION_TOO_MANY:
        service_fail_limit(
            call, "pending sessions", waiting->service->config->pending_sessions_max);
        break;
    case CREATION_API_ERROR:
        service_fail_api(call, outcome->api_error);
        break;
    case CREATION_NO_MEMORY:
        varlink_call_abandon(call);
        break;
    }
    free(waiting->integration_type);
    free(waiting);
}

static void create_session(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct create_parameters *p = parameters;
    struct service *service = userdata;
    const struct profile *profile = service_profile(service, call, p->profile);
    const struct session_wish wish = {
        .profile = profile,
        .integration_type = p->integration_type,
        .workspace_id = p->workspace_id,
        .return_to = p->return_to,
        .open_browser = p->open_browser,
        .always_new = p->always_new,
    };

    if (!profile)
        return;
    if (!service_text_is_plain(p->workspace_id)) {
        varlink_call_fail_parameter(call, "workspace_id");
        return;
    }
    if (p->return_to && url_problem_any_host(p->return_to)) {
        varlink_call_fail_parameter(call, "return_to");
        return;
    }
    if (!service_takes_integration(call, p->integration_type) ||
        service_await_key(service, call, profile, create_session, p, sizeof(*p)))
        return;
    struct creation_call *waiting = calloc(1, sizeof(*waiting));
    if (!waiting || string_replace(&waiting->integration_type, p->integration_type) < 0) {
        free(waiting);
        varlink_call_abandon(call);
        return;
    }
    waiting->service = service;
    waiting->call = call;
    creation_start(service->creations, &wish, on_creation, waiting);
}

/* GetSession, ListSessions, CancelSession */

struct session_parameters {
    const char *session_id;
};

static const struct json_field session_fields[] = {
    {"session_id", JSON_STRING, offsetof(struct session_parameters, session_id), true},
    {0},
};

static void get_session(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct session_parameters *p = parameters;
    struct service *service = userdata;
    const struct session *session = sessions_find(service->sessions, p->session_id);

    if (!session)
        service_fail_with(call, SERVICE_ERROR("NoSuchSession"), "session_id", p->session_id);
    else
        service_reply(
            call, wire_object("session", wire_session(session, !varlink_call_restricted(call))));
}

/* Of ListSessions and GetStatus. */
struct profile_parameters {
    const char *profile;
};

static const struct json_field profile_fields[] = {
    {"profile", JSON_STRING, offsetof(struct profile_parameters, profile), false},
    {0},
};

struct session_list {
    struct json_object *array;
    const char *profile; /* NULL: of all */
    bool with_urls;
};

static int add_session(const struct session *session, void *userdata)
{
    struct session_list *list = userdata;

    if (list->profile && !streq_or_null(session->profile, list->profile))
        return 0;
    return json_append_to(list->array, wire_session(session, list->with_urls));
}

/* Without a look at the configuration: a profile may be gone from there, and not its sessions. */
static void list_sessions(struct varlink_call *call, const void *parameters, void *userdata)
{
    _cleanup_json_ struct json_object *array = json_object_new_array();
    const struct profile_parameters *p = parameters;
    struct service *service = userdata;
    struct session_list list = {array, p->profile, !varlink_call_restricted(call)};

    if (p->profile && !config_is_profile_name(p->profile))
        varlink_call_fail_parameter(call, "profile");
    else if (!array || sessions_each(service->sessions, add_session, &list) < 0)
        varlink_call_abandon(call);
    else
        service_reply(call, wire_object("sessions", TAKE_PTR(array)));
}

static void cancel_session(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct session_parameters *p = parameters;
    struct service *service = userdata;

    if (sessions_cancel(service->sessions, p->session_id) < 0)
        service_fail_with(call, SERVICE_ERROR("NoSuchSession"), "session_id", p->session_id);
    else
        varlink_call_reply(call, NULL);
}

/* ListIntegrations, GetStatus */

static void list_integrations(struct varlink_call *call, const void *parameters, void *userdata)
{
    _cleanup_json_ struct json_object *array = json_object_new_array();
    size_t n;
    const struct integration *table = integration_table(&n);

    int r = array ? 0 : -ENOMEM;

    for (size_t i = 0; r >= 0 && i < n; i++)
        r = json_append_to(array, wire_integration(&table[i]));
    service_reply(call, r < 0 ? NULL : wire_object("integrations", TAKE_PTR(array)));
}

static int add_text(struct json_object *array, const char *text)
{
    return json_append_to(array, json_object_new_string(text));
}

/* Those that have names. */
static struct json_object *list_profiles(const struct config *config)
{
    struct json_object *profiles = json_object_new_array();
    int r = profiles ? 0 : -ENOMEM;

    for (size_t i = 1; r >= 0 && i < config->n_profiles; i++)
        r = add_text(profiles, config->profiles[i].name);
    if (r >= 0)
        return profiles;
    json_object_put(profiles);
    return NULL;
}

static int add_mistakes(struct json_object *problems, const char *mistakes)
{
    _cleanup_free_ char *text = NULL;

    if (asprintf(&text,
            "the configuration has a mistake, and nothing is known until it is corrected: %s",
            mistakes) < 0) {
        text = NULL;
        return -ENOMEM;
    }
    return add_text(problems, text);
}

static struct json_object *list_problems(const struct service *service)
{
    struct json_object *problems = json_object_new_array();
    int r = problems ? 0 : -ENOMEM;

    if (r >= 0 && service->config->mistakes)
        r = add_mistakes(problems, service->config->mistakes);
    for (size_t i = 0; r >= 0 && i < service->config->n_profiles; i++) {
        const struct profile *profile = &service->config->profiles[i];
        char text[CONFIG_TEXT_SIZE];
        bool may_come = profile->key_in_keyring && !profile->api_key_problem;
        if (!profile->api_key && !may_come && !service->config->mistakes)
            r = add_text(problems, config_no_key(profile, text));
        if (r >= 0 && profile->api_key_refusal)
            r = add_text(problems, profile->api_key_refusal);
    }
    if (r >= 0 && connections_problem(service->connections))
        r = add_text(problems, connections_problem(service->connections));
    if (r >= 0 && store_problem(service->store))
        r = add_text(problems, store_problem(service->store));
    if (r >= 0)
        return problems;
    json_object_put(problems);
    return NULL;
}

static void get_status(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct profile_parameters *p = parameters;
    struct service *service = userdata;
    const struct config *config = service->config;
    /* After a mistake that still is there, no profile is known; that is what has to be told. */
    const struct profile *profile = service_is_mistaken(service)
                                        ? config_profile(config, NULL)
                                        : service_profile(service, call, p->profile);

    if (!profile)
        return;
    _cleanup_json_ struct json_object *reply =
        wire_object("version", json_object_new_string(VERSION));
    int64_t uptime = timestamp_now(CLOCK_BOOTTIME) - service->started_at;

    if (!reply || json_add_string(reply, "api_base_url", profile->base_url) < 0 ||
        json_add_string(reply, "api_key_source", profile->api_key_source) < 0 ||
        json_add_string(reply, "default_workspace_id", profile->workspace_id) < 0 ||
        json_add_string(reply, "callback_address", callbacks_address(service->callbacks)) < 0 ||
        json_add_integer(reply, "pending_sessions", sessions_pending(service->sessions)) < 0 ||
        json_add_integer(reply, "connections", connections_count(service->connections)) < 0 ||
        json_add_integer(reply, "uptime", uptime / 1000) < 0 ||
        json_add(reply, "problems", list_problems(service)) < 0 ||
        json_add(reply, "profiles", list_profiles(config)) < 0)
        varlink_call_abandon(call);
    else
        varlink_call_reply(call, TAKE_PTR(reply));
}

bool service_is_busy(const struct service *service)
{
    return service->n_requests > 0 || creations_running(service->creations);
}

/* The table */

static const struct varlink_method *const methods[] = {
    &service_get_connection, /* the one that most come for is found first */
    &service_poll,
    &(const struct varlink_method){
        .name = "CreateSession",
        .parameters = create_fields,
        .defaults = &create_defaults,
        .size = sizeof(struct create_parameters),
        .restricted = true,
        .handle = create_session,
    },
    &(const struct varlink_method){
        .name = "GetSession",
        .parameters = session_fields,
        .size = sizeof(struct session_parameters),
        .handle = get_session,
    },
    &(const struct varlink_method){
        .name = "ListSessions",
        .parameters = profile_fields,
        .size = sizeof(struct profile_parameters),
        .handle = list_sessions,
    },
    &(const struct varlink_method){
        .name = "CancelSession",
        .parameters = session_fields,
        .size = sizeof(struct session_parameters),
        .restricted = true,
        .handle = cancel_session,
    },
    &service_list_connections,
    &service_create_connection,
    &service_delete_connection,
    &service_watch,
    &(const struct varlink_method){.name = "ListIntegrations", .handle = list_integrations},
    &(const struct varlink_method){
        .name = "GetStatus",
        .parameters = profile_fields,
        .size = sizeof(struct profile_parameters),
        .handle = get_status,
    },
    &service_check_api_key,
    &service_store_api_key,
    &service_forget_api_key,
    &service_reload,
    &service_get_configuration,
    &service_diagnose,
    NULL,
};

void service_interface(struct service *service, struct varlink_interface *ret)
{
    *ret = (struct varlink_interface){
        .name = SERVICE_INTERFACE,
        .description = interface_description,
        .methods = methods,
        .userdata = service,
    };
}
