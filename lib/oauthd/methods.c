/* SPDX-License-Identifier: MIT */

/*
 * The methods of ai.airstore.OAuth, by their names. Each has a static function that knows its
 * parameters, and two public ones that differ in where the answer goes.
 */

#include "lib/oauthd/call.h"

#define STRING(name, value)                                                                        \
    {                                                                                              \
        name, PARAMETER_STRING, .string = (value)                                                  \
    }
#define INTEGER(name, value)                                                                       \
    {                                                                                              \
        name, PARAMETER_INTEGER, .integer = (value)                                                \
    }
/* A flag that is left out when it has its default. */
#define FLAG(name, value, otherwise)                                                               \
    {                                                                                              \
        name, PARAMETER_BOOLEAN, .integer = (value) == (otherwise) ? -1 : (value)                  \
    }
#define WAIT(ret_reply, ret_error)                                                                 \
    (&(const struct delivery){.wait = true, .ret_reply = (ret_reply), .ret_error = (ret_error)})
#define HAND_TO(handler, userdata, ret_call)                                                       \
    (&(const struct delivery){.handler = (handler), .userdata = (userdata), .ret_call = (ret_call)})

static int create_session(struct airstore_oauthd *oauthd, const char *integration_type,
    const char *workspace_id, const char *return_to, unsigned flags,
    const struct delivery *delivery)
{
    /* Unless it has to be a new one, the session that is pending already is returned again. */
    static const struct method method = {"ai.airstore.OAuth.CreateSession", "session"};
    static const struct method always_new = {
        "ai.airstore.OAuth.CreateSession", "session", .once = true};
    const struct parameter parameters[] = {
        STRING("integration_type", integration_type),
        STRING("workspace_id", workspace_id),
        STRING("return_to", return_to),
        FLAG("open_browser", !(flags & AIRSTORE_OAUTHD_NO_BROWSER), true),
        FLAG("always_new", !!(flags & AIRSTORE_OAUTHD_ALWAYS_NEW), false),
        STRING("profile", oauthd_profile(oauthd)),
        {0},
    };

    return call_method(oauthd, flags & AIRSTORE_OAUTHD_ALWAYS_NEW ? &always_new : &method, false,
        parameters, delivery);
}

int airstore_oauthd_create_session(struct airstore_oauthd *oauthd, const char *integration_type,
    const char *workspace_id, const char *return_to, unsigned flags,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return create_session(
        oauthd, integration_type, workspace_id, return_to, flags, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_create_session_async(struct airstore_oauthd *oauthd,
    const char *integration_type, const char *workspace_id, const char *return_to, unsigned flags,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return create_session(oauthd, integration_type, workspace_id, return_to, flags,
        HAND_TO(handler, userdata, ret_call));
}

static int get_session(
    struct airstore_oauthd *oauthd, const char *session_id, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.GetSession", "session"};
    const struct parameter parameters[] = {
        STRING("session_id", session_id),
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_get_session(struct airstore_oauthd *oauthd, const char *session_id,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return get_session(oauthd, session_id, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_get_session_async(struct airstore_oauthd *oauthd, const char *session_id,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return get_session(oauthd, session_id, HAND_TO(handler, userdata, ret_call));
}

static int poll_session(struct airstore_oauthd *oauthd, const char *session_id,
    int64_t timeout_msec, int64_t interval_msec, bool more, const struct delivery *delivery)
{
    static const struct method method = {
        "ai.airstore.OAuth.Poll", "session", .timeout_msec = 300000};
    const struct parameter parameters[] = {
        STRING("session_id", session_id),
        INTEGER("timeout", timeout_msec),
        INTEGER("interval", interval_msec),
        {0},
    };

    return call_method(oauthd, &method, more, parameters, delivery);
}

int airstore_oauthd_poll(struct airstore_oauthd *oauthd, const char *session_id,
    int64_t timeout_msec, int64_t interval_msec, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error)
{
    return poll_session(
        oauthd, session_id, timeout_msec, interval_msec, false, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_poll_async(struct airstore_oauthd *oauthd, const char *session_id,
    int64_t timeout_msec, int64_t interval_msec, bool more, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call)
{
    return poll_session(oauthd, session_id, timeout_msec, interval_msec, more,
        HAND_TO(handler, userdata, ret_call));
}

static int list_sessions(struct airstore_oauthd *oauthd, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.ListSessions", "sessions"};
    const struct parameter parameters[] = {STRING("profile", oauthd_profile(oauthd)), {0}};

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_list_sessions(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return list_sessions(oauthd, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_list_sessions_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return list_sessions(oauthd, HAND_TO(handler, userdata, ret_call));
}

static int cancel_session(
    struct airstore_oauthd *oauthd, const char *session_id, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.CancelSession", NULL};
    const struct parameter parameters[] = {
        STRING("session_id", session_id),
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_cancel_session(struct airstore_oauthd *oauthd, const char *session_id,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return cancel_session(oauthd, session_id, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_cancel_session_async(struct airstore_oauthd *oauthd, const char *session_id,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return cancel_session(oauthd, session_id, HAND_TO(handler, userdata, ret_call));
}

static int get_connection(struct airstore_oauthd *oauthd, const char *integration_type,
    const char *workspace_id, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.GetConnection", "connection"};
    const struct parameter parameters[] = {
        STRING("integration_type", integration_type),
        STRING("workspace_id", workspace_id),
        STRING("profile", oauthd_profile(oauthd)),
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_get_connection(struct airstore_oauthd *oauthd, const char *integration_type,
    const char *workspace_id, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error)
{
    return get_connection(oauthd, integration_type, workspace_id, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_get_connection_async(struct airstore_oauthd *oauthd,
    const char *integration_type, const char *workspace_id, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call)
{
    return get_connection(
        oauthd, integration_type, workspace_id, HAND_TO(handler, userdata, ret_call));
}

static int list_connections(struct airstore_oauthd *oauthd, const char *workspace_id,
    const char *integration_type, bool refresh, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.ListConnections", "connections"};
    const struct parameter parameters[] = {
        STRING("workspace_id", workspace_id),
        STRING("integration_type", integration_type),
        FLAG("refresh", refresh, false),
        STRING("profile", oauthd_profile(oauthd)),
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_list_connections(struct airstore_oauthd *oauthd, const char *workspace_id,
    const char *integration_type, bool refresh, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error)
{
    return list_connections(
        oauthd, workspace_id, integration_type, refresh, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_list_connections_async(struct airstore_oauthd *oauthd, const char *workspace_id,
    const char *integration_type, bool refresh, airstore_oauthd_handler handler, void *userdata,
    struct airstore_oauthd_call **ret_call)
{
    return list_connections(
        oauthd, workspace_id, integration_type, refresh, HAND_TO(handler, userdata, ret_call));
}

static int create_connection(struct airstore_oauthd *oauthd, const char *integration_type,
    const char *workspace_id, const struct airstore_oauthd_credentials *credentials,
    const struct delivery *delivery)
{
    static const struct method method = {
        "ai.airstore.OAuth.CreateConnection", "connection", .once = true};
    const struct parameter parameters[] = {
        STRING("integration_type", integration_type),
        STRING("workspace_id", workspace_id),
        STRING("access_token", credentials->access_token),
        STRING("refresh_token", credentials->refresh_token),
        STRING("api_key", credentials->api_key),
        STRING("scope", credentials->scope),
        {"extra", PARAMETER_STRING_MAP, .map = credentials->extra},
        STRING("profile", oauthd_profile(oauthd)),
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_create_connection(struct airstore_oauthd *oauthd, const char *integration_type,
    const char *workspace_id, const struct airstore_oauthd_credentials *credentials,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return create_connection(
        oauthd, integration_type, workspace_id, credentials, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_create_connection_async(struct airstore_oauthd *oauthd,
    const char *integration_type, const char *workspace_id,
    const struct airstore_oauthd_credentials *credentials, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call)
{
    return create_connection(
        oauthd, integration_type, workspace_id, credentials, HAND_TO(handler, userdata, ret_call));
}

static int delete_connection(struct airstore_oauthd *oauthd, const char *connection_id,
    const char *workspace_id, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.DeleteConnection", NULL, .once = true};
    const struct parameter parameters[] = {
        STRING("connection_id", connection_id),
        STRING("workspace_id", workspace_id),
        STRING("profile", oauthd_profile(oauthd)),
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_delete_connection(struct airstore_oauthd *oauthd, const char *connection_id,
    const char *workspace_id, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error)
{
    return delete_connection(oauthd, connection_id, workspace_id, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_delete_connection_async(struct airstore_oauthd *oauthd,
    const char *connection_id, const char *workspace_id, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call)
{
    return delete_connection(
        oauthd, connection_id, workspace_id, HAND_TO(handler, userdata, ret_call));
}

static int list_integrations(struct airstore_oauthd *oauthd, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.ListIntegrations", "integrations"};
    const struct parameter parameters[] = {
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_list_integrations(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return list_integrations(oauthd, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_list_integrations_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return list_integrations(oauthd, HAND_TO(handler, userdata, ret_call));
}

static int get_status(struct airstore_oauthd *oauthd, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.GetStatus", "version"};
    const struct parameter parameters[] = {STRING("profile", oauthd_profile(oauthd)), {0}};

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_get_status(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return get_status(oauthd, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_get_status_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return get_status(oauthd, HAND_TO(handler, userdata, ret_call));
}

static int check_api_key(
    struct airstore_oauthd *oauthd, const char *api_key, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.CheckAPIKey", NULL};
    const struct parameter parameters[] = {
        STRING("api_key", api_key),
        STRING("profile", oauthd_profile(oauthd)),
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_check_api_key(struct airstore_oauthd *oauthd, const char *api_key,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return check_api_key(oauthd, api_key, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_check_api_key_async(struct airstore_oauthd *oauthd, const char *api_key,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return check_api_key(oauthd, api_key, HAND_TO(handler, userdata, ret_call));
}

static int store_api_key(
    struct airstore_oauthd *oauthd, const char *api_key, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.StoreAPIKey", NULL};
    const struct parameter parameters[] = {
        STRING("api_key", api_key),
        STRING("profile", oauthd_profile(oauthd)),
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_store_api_key(struct airstore_oauthd *oauthd, const char *api_key,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return store_api_key(oauthd, api_key, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_store_api_key_async(struct airstore_oauthd *oauthd, const char *api_key,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return store_api_key(oauthd, api_key, HAND_TO(handler, userdata, ret_call));
}

static int forget_api_key(struct airstore_oauthd *oauthd, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.ForgetAPIKey", NULL};
    const struct parameter parameters[] = {STRING("profile", oauthd_profile(oauthd)), {0}};

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_forget_api_key(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return forget_api_key(oauthd, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_forget_api_key_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return forget_api_key(oauthd, HAND_TO(handler, userdata, ret_call));
}

static int reload(struct airstore_oauthd *oauthd, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.Reload", NULL};
    const struct parameter parameters[] = {
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_reload(struct airstore_oauthd *oauthd, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error)
{
    return reload(oauthd, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_reload_async(struct airstore_oauthd *oauthd, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call)
{
    return reload(oauthd, HAND_TO(handler, userdata, ret_call));
}

static int diagnose(struct airstore_oauthd *oauthd, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.Diagnose", "checks"};
    const struct parameter parameters[] = {
        STRING("profile", oauthd_profile(oauthd)),
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_diagnose(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return diagnose(oauthd, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_diagnose_async(struct airstore_oauthd *oauthd, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call)
{
    return diagnose(oauthd, HAND_TO(handler, userdata, ret_call));
}

static int get_configuration(struct airstore_oauthd *oauthd, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.GetConfiguration", "settings"};
    const struct parameter parameters[] = {
        {0},
    };

    return call_method(oauthd, &method, false, parameters, delivery);
}

int airstore_oauthd_get_configuration(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error)
{
    return get_configuration(oauthd, WAIT(ret_reply, ret_error));
}

int airstore_oauthd_get_configuration_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call)
{
    return get_configuration(oauthd, HAND_TO(handler, userdata, ret_call));
}

static int watch(struct airstore_oauthd *oauthd, const struct delivery *delivery)
{
    static const struct method method = {"ai.airstore.OAuth.Watch", NULL};
    const struct parameter parameters[] = {
        {0},
    };

    return call_method(oauthd, &method, true, parameters, delivery);
}

int airstore_oauthd_watch_async(struct airstore_oauthd *oauthd, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call)
{
    return watch(oauthd, HAND_TO(handler, userdata, ret_call));
}
