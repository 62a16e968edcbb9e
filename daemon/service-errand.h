/* SPDX-License-Identifier: MIT */
#pragma once

/* Requests to Airstore on behalf of a call of the service. Each is counted for as long as its
 * errand lives. */

#include "daemon/service-methods.h"
#include "lib/api/request.h"

struct errand {
    struct service *service;
    struct varlink_call *call;
    uint64_t moment;    /* of connections_moment(), when the request was sent */
    char *profile;      /* NULL: the default */
    char *workspace_id; /* NULL: of none */
    char *subject;      /* an integration type or a connection ID; NULL: everything */
};

struct errand *errand_free(struct errand *errand);
DEFINE_CLEANUP(struct errand *, errand_free);

/* Whom a request is sent to, and what it is about. Borrowed from the configuration and the call. */
struct scope {
    const struct profile *profile;
    const char *api_key, *workspace_id;
};

/*
 * The workspace that is given, else the profile's default, else the likely one. Ends the call and
 * returns false when there is none of them, no API key, or when too many requests are under way.
 */
bool errand_prepare(struct service *service, struct varlink_call *call,
    const struct profile *profile, const char *workspace_id, const char *likely_workspace_id,
    struct scope *ret);

/* Sends the request, taken over in any case; the handler gets the errand. On failure the call has
 * been ended; also when r is negative: there was no memory for the request. */
void errand_run(struct service *service, struct varlink_call *call, const struct scope *scope,
    const char *subject, int r, struct api_request *request,
    void (*handler)(const struct api_reply *reply, void *userdata));
