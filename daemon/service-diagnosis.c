/* SPDX-License-Identifier: MIT */

/* The method that looks whether anything is wrong: Diagnose. Looks around, then asks the helper,
 * then Airstore. */

#include "daemon/desktop/client.h"
#include "daemon/diagnosis.h"
#include "daemon/service-methods.h"
#include "lib/api/request.h"
#include "lib/base/timestamp.h"

#include <errno.h>

#define REQUEST_TIMEOUT_USEC (10 * USEC_PER_SEC)

struct diagnose_parameters {
    const char *profile;
};

static const struct json_field diagnose_fields[] = {
    {"profile", JSON_STRING, offsetof(struct diagnose_parameters, profile), false},
    {0},
};

struct diagnosis {
    struct service *service;
    struct varlink_call *call;
    struct json_object *checks;
    char *profile;
    struct http_request *request;
    struct desktop_request *probe;
    int r; /* negative when something could not be noted */
};

static void diagnosis_free(struct diagnosis *diagnosis)
{
    diagnosis->service->n_requests--;
    http_cancel(diagnosis->request);
    desktop_forget(diagnosis->probe);
    json_object_put(diagnosis->checks);
    free(diagnosis->profile);
    free(diagnosis);
}

static void on_hangup(struct varlink_call *call, void *userdata)
{
    diagnosis_free(userdata);
    varlink_call_abandon(call);
}

static void note(struct diagnosis *diagnosis, int r)
{
    if (diagnosis->r >= 0)
        diagnosis->r = r;
}

static void conclude(struct diagnosis *diagnosis)
{
    service_reply(diagnosis->call,
        diagnosis->r < 0 ? NULL : wire_object("checks", json_object_get(diagnosis->checks)));
    diagnosis_free(diagnosis);
}

static void on_airstore(const struct api_reply *reply, void *userdata)
{
    struct diagnosis *diagnosis = userdata;
    const struct profile *profile = config_profile(diagnosis->service->config, diagnosis->profile);

    diagnosis->request = NULL;
    if (profile) /* else it has just been taken out of the configuration */
        note(diagnosis,
            diagnose_reply(profile, reply, timestamp_now(CLOCK_REALTIME), diagnosis->checks));
    conclude(diagnosis);
}

static void ask_airstore(struct diagnosis *diagnosis)
{
    const struct service *service = diagnosis->service;
    const struct profile *profile = config_profile(service->config, diagnosis->profile);
    struct api_request request = {0};

    if (service->config->mistakes || !profile) { /* whom to ask is not known */
        conclude(diagnosis);
        return;
    }
    const struct http_options options = {
        .api_key = profile->api_key,
        .timeout_usec = REQUEST_TIMEOUT_USEC,
        .urgent = true,
        .certificate = true,
    };
    int r = api_request_get_session(profile->base_url, SERVICE_NO_SESSION, &request);
    if (r >= 0)
        r = http_send(
            service->http, &request, &options, on_airstore, diagnosis, &diagnosis->request);
    if (r < 0) {
        note(diagnosis, r);
        conclude(diagnosis);
    }
}

static void on_helper(const char *problem, void *userdata)
{
    struct diagnosis *diagnosis = userdata;

    diagnosis->probe = NULL;
    note(diagnosis, diagnose_helper(problem, diagnosis->checks));
    ask_airstore(diagnosis);
}

static void ask_helper(struct diagnosis *diagnosis)
{
    if (desktop_probe(diagnosis->service->event, on_helper, diagnosis, &diagnosis->probe) < 0)
        on_helper("airstore-oauth-desktop can neither be reached nor be started", diagnosis);
}

static int look_around(struct diagnosis *diagnosis)
{
    const struct service *service = diagnosis->service;

    int r = diagnose_configuration(service->config, diagnosis->checks);
    if (r >= 0)
        r = diagnose_state(service->config, service->store, diagnosis->checks);
    return r < 0 ? r : diagnose_loopback(diagnosis->checks);
}

static int diagnosis_new(
    struct service *service, struct varlink_call *call, const char *profile, struct diagnosis **ret)
{
    struct diagnosis *diagnosis = calloc(1, sizeof(*diagnosis));

    if (!diagnosis)
        return -ENOMEM;
    diagnosis->service = service;
    diagnosis->call = call;
    service->n_requests++;
    diagnosis->checks = json_object_new_array();
    if (!diagnosis->checks || string_replace(&diagnosis->profile, profile) < 0) {
        diagnosis_free(diagnosis);
        return -ENOMEM;
    }
    *ret = diagnosis;
    return 0;
}

static void diagnose(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct diagnose_parameters *p = parameters;
    struct service *service = userdata;
    const struct profile *profile = NULL;
    struct diagnosis *diagnosis;

    /* A configuration that cannot be used is what people want to hear of, and no error. */
    if (!service_is_mistaken(service)) {
        profile = service_profile(service, call, p->profile);
        if (!profile)
            return;
    }
    if (!service_may_ask(service, call))
        return;
    /* Whether the key can be had is one of the things to be told. */
    if (profile && service_await_key(service, call, profile, diagnose, p, sizeof(*p)))
        return;
    if (diagnosis_new(service, call, p->profile, &diagnosis) < 0) {
        varlink_call_abandon(call);
        return;
    }
    varlink_call_on_hangup(call, on_hangup, diagnosis);
    note(diagnosis, look_around(diagnosis));
    ask_helper(diagnosis);
}

const struct varlink_method service_diagnose = {
    .name = "Diagnose",
    .parameters = diagnose_fields,
    .size = sizeof(struct diagnose_parameters),
    .restricted = true,
    .handle = diagnose,
};
