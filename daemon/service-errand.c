/* SPDX-License-Identifier: MIT */
#include "daemon/service-errand.h"

#include "lib/api/retry.h"

#include <stdio.h>

#define REQUEST_TIMEOUT_USEC ((int64_t)20 * 1000000)

struct errand *errand_free(struct errand *errand)
{
    if (errand) {
        errand->service->n_requests--;
        free(errand->profile);
        free(errand->workspace_id);
        free(errand->subject);
        free(errand);
    }
    return NULL;
}

static struct errand *errand_new(struct service *service, struct varlink_call *call,
    const struct scope *scope, const char *subject)
{
    struct errand *errand = calloc(1, sizeof(*errand));

    if (!errand)
        return NULL;
    errand->service = service;
    errand->call = call;
    errand->moment = connections_moment(service->connections);
    service->n_requests++;
    if (string_replace(&errand->profile, scope->profile->name) < 0 ||
        string_replace(&errand->workspace_id, scope->workspace_id) < 0 ||
        string_replace(&errand->subject, subject) < 0)
        return errand_free(errand);
    return errand;
}

static const char *no_workspace(const struct profile *profile, char text[static CONFIG_TEXT_SIZE])
{
    if (profile->name)
        snprintf(text, CONFIG_TEXT_SIZE,
            "it is not known which workspace of the profile '%s' is meant: name one, or set "
            "'workspace' in the section [profile %s] of airstore-oauthd.conf",
            profile->name, profile->name);
    else
        snprintf(text, CONFIG_TEXT_SIZE,
            "it is not known which workspace is meant: name one, or set AIRSTORE_WORKSPACE_ID in "
            "the environment of airstore-oauthd");
    return text;
}

bool errand_prepare(struct service *service, struct varlink_call *call,
    const struct profile *profile, const char *workspace_id, const char *likely_workspace_id,
    struct scope *ret)
{
    char text[CONFIG_TEXT_SIZE];
    const char *message = NULL;

    if (!service_text_is_plain(workspace_id)) {
        varlink_call_fail_parameter(call, "workspace_id");
        return false;
    }
    if (!workspace_id)
        workspace_id = profile->workspace_id ? profile->workspace_id : likely_workspace_id;
    if (!profile->api_key)
        message = config_no_key(profile, text);
    else if (!workspace_id)
        message = no_workspace(profile, text);
    if (message) {
        service_fail_with(call, SERVICE_ERROR("NotConfigured"), "message", message);
        return false;
    }
    if (!service_may_ask(service, call))
        return false;
    *ret = (struct scope){profile, profile->api_key, workspace_id};
    return true;
}

void errand_run(struct service *service, struct varlink_call *call, const struct scope *scope,
    const char *subject, int r, struct api_request *request,
    void (*handler)(const struct api_reply *reply, void *userdata))
{
    struct errand *errand = r < 0 ? NULL : errand_new(service, call, scope, subject);
    const struct http_options options = {
        .api_key = scope->api_key,
        .timeout_usec = REQUEST_TIMEOUT_USEC,
        .retries = API_DEFAULT_RETRIES,
    };

    if (errand && http_send(service->http, request, &options, handler, errand, NULL) >= 0)
        return;
    api_request_clear(request);
    errand_free(errand);
    varlink_call_abandon(call);
}
