/* SPDX-License-Identifier: MIT */

/* The methods about the configuration: whether a key would do, reading everything again, what is in
 * force. No key ever leaves through them. */

#include "daemon/credentials.h"
#include "daemon/desktop/client.h"
#include "daemon/keys.h"
#include "daemon/service-errand.h"

#include <errno.h>
#include <stdio.h>

/* CheckAPIKey */

struct key_parameters {
    const char *api_key, *profile;
};

static const struct json_field key_fields[] = {
    {"api_key", JSON_STRING, offsetof(struct key_parameters, api_key), true},
    {"profile", JSON_STRING, offsetof(struct key_parameters, profile), false},
    {0},
};

struct forget_parameters {
    const char *profile;
};

static const struct json_field forget_fields[] = {
    {"profile", JSON_STRING, offsetof(struct forget_parameters, profile), false},
    {0},
};

static void on_key_checked(const struct api_reply *reply, void *userdata)
{
    _cleanup_(errand_freep) struct errand *errand = userdata;
    _cleanup_api_error_ struct api_error error = {0};

    (void)api_parse_success(reply, &error);
    if (api_error_key_verdict(&error) == API_KEY_ACCEPTED)
        varlink_call_reply(errand->call, NULL);
    else
        service_fail_api(errand->call, &error);
}

static void check_api_key(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct key_parameters *p = parameters;
    struct service *service = userdata;
    struct api_request request = {0};
    const struct profile *profile = service_profile(service, call, p->profile);

    if (!profile)
        return;
    if (!credentials_is_key(p->api_key)) {
        varlink_call_fail_parameter(call, "api_key");
        return;
    }
    if (!service_may_ask(service, call))
        return;
    const struct scope scope = {profile, p->api_key, .workspace_id = NULL};
    int r = api_request_get_session(profile->base_url, SERVICE_NO_SESSION, &request);
    errand_run(service, call, &scope, NULL, r, &request, on_key_checked);
}

const struct varlink_method service_check_api_key = {
    .name = "CheckAPIKey",
    .parameters = key_fields,
    .size = sizeof(struct key_parameters),
    .restricted = true,
    .handle = check_api_key,
};

/* StoreAPIKey, ForgetAPIKey */

static void on_key_changed(const char *problem, void *userdata)
{
    struct varlink_call *call = userdata;
    _cleanup_free_ char *text = NULL;

    if (!problem)
        varlink_call_reply(call, NULL);
    else if (asprintf(&text, "the keyring cannot be used: %s", problem) < 0)
        varlink_call_abandon(call);
    else
        service_fail_with(call, SERVICE_ERROR("NotConfigured"), "message", text);
}

static void change_key(struct varlink_call *call, struct service *service, const char *profile_name,
    const char *api_key_or_null)
{
    const struct profile *profile = service_profile(service, call, profile_name);

    if (profile && keys_store(service->keys, profile, api_key_or_null, on_key_changed, call) < 0)
        on_key_changed(DESKTOP_NO_HELPER, call);
}

static void store_api_key(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct key_parameters *p = parameters;

    if (!credentials_is_key(p->api_key))
        varlink_call_fail_parameter(call, "api_key");
    else
        change_key(call, userdata, p->profile, p->api_key);
}

static void forget_api_key(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct forget_parameters *p = parameters;

    change_key(call, userdata, p->profile, NULL);
}

const struct varlink_method service_store_api_key = {
    .name = "StoreAPIKey",
    .parameters = key_fields,
    .size = sizeof(struct key_parameters),
    .restricted = true,
    .handle = store_api_key,
};

const struct varlink_method service_forget_api_key = {
    .name = "ForgetAPIKey",
    .parameters = forget_fields,
    .size = sizeof(struct forget_parameters),
    .restricted = true,
    .handle = forget_api_key,
};

/* Reload */

static void reload(struct varlink_call *call, const void *parameters, void *userdata)
{
    _cleanup_free_ char *mistakes = NULL;
    struct service *service = userdata;

    if (service->reload(&mistakes, service->userdata) >= 0)
        varlink_call_reply(call, NULL);
    else if (mistakes)
        service_fail_with(call, SERVICE_ERROR("InvalidConfiguration"), "message", mistakes);
    else
        varlink_call_abandon(call);
}

const struct varlink_method service_reload = {
    .name = "Reload",
    .restricted = true,
    .handle = reload,
};

/* GetConfiguration */

static int add_setting(struct json_object *array, const struct setting *setting)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();
    int r = object ? json_add_string(object, "section", setting->section) : -ENOMEM;

    if (r >= 0)
        r = json_add_string(object, "key", setting->key);
    if (r >= 0)
        r = json_add_string(object, "value", setting->value);
    if (r >= 0)
        r = json_add_string(object, "source", setting->source);
    return r < 0 ? r : json_append_to(array, TAKE_PTR(object));
}

/* Where the key of a profile is from; nothing where there is none. */
static int add_key_setting(struct json_object *array, const struct profile *profile)
{
    _cleanup_free_ char *section = NULL;
    char key[] = "api-key";

    if (!profile->api_key_source)
        return 0;
    if (asprintf(&section, "%s%s", profile->name ? "profile " : "airstore",
            profile->name ? profile->name : "") < 0) {
        section = NULL;
        return -ENOMEM;
    }
    return add_setting(
        array, &(struct setting){section, key, .value = NULL, profile->api_key_source});
}

static void get_configuration(struct varlink_call *call, const void *parameters, void *userdata)
{
    _cleanup_json_ struct json_object *array = json_object_new_array();
    const struct service *service = userdata;
    const struct config *config = service->config;
    int r = array ? 0 : -ENOMEM;

    if (!service_has_configuration(service, call))
        return;
    for (size_t i = 0; r >= 0 && i < config->n_profiles; i++)
        r = add_key_setting(array, &config->profiles[i]);
    for (size_t i = 0; r >= 0 && i < config->n_settings; i++)
        r = add_setting(array, &config->settings[i]);
    service_reply(call, r < 0 ? NULL : wire_object("settings", TAKE_PTR(array)));
}

const struct varlink_method service_get_configuration = {
    .name = "GetConfiguration",
    .restricted = true, /* the places of files are nobody else's business */
    .handle = get_configuration,
};
