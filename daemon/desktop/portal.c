/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/portal.h"

#include "daemon/desktop/bus.h"
#include "lib/base/memory.h"
#include "lib/base/random.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define SERVICE "org.freedesktop.portal.Desktop"
#define PATH "/org/freedesktop/portal/desktop"
#define REQUEST "org.freedesktop.portal.Request"

/* Without a display, or a backend that works, it does not answer at all. */
#define TIMEOUT_USEC ((uint64_t)3 * 1000000)

/* What the portal says of a request. */
enum { RESPONSE_DONE = 0, RESPONSE_CANCELLED = 1 };

struct portal_request {
    sd_bus *bus;
    sd_bus_slot *response, *call;
    sd_event_source *timer;
    char token[41]; /* the last part of the request's path */
    char *path;     /* once the portal has told it */
    desktop_handler handler;
    void *userdata;
};

static void request_free(struct portal_request *request)
{
    sd_bus_slot_unref(request->response);
    sd_bus_slot_unref(request->call);
    sd_event_source_disable_unref(request->timer);
    bus_leave(request->bus);
    free(request->path);
    free(request);
}

static void conclude(struct portal_request *request, const char *problem)
{
    desktop_handler handler = request->handler;
    void *userdata = request->userdata;

    request_free(request);
    handler(problem, userdata);
}

static int on_call_reply(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct portal_request *request = userdata;
    const char *path;

    if (sd_bus_message_is_method_error(message, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
        sd_bus_message_is_method_error(message, SD_BUS_ERROR_NAME_HAS_NO_OWNER) ||
        sd_bus_message_is_method_error(message, SD_BUS_ERROR_UNKNOWN_INTERFACE) ||
        sd_bus_message_is_method_error(message, SD_BUS_ERROR_UNKNOWN_METHOD))
        conclude(request, "there is no desktop portal");
    else if (sd_bus_message_is_method_error(message, NULL))
        conclude(request, "the desktop portal failed");
    else if (sd_bus_message_read(message, "o", &path) < 0 ||
             string_replace(&request->path, path) < 0)
        conclude(request, "the desktop portal gave no answer that makes sense");
    return 0;
}

/* Responses to whatever anybody asked of the portal. Ours has an unguessable name, and may be here
 * before the reply to the call. */
static int on_response(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct portal_request *request = userdata;
    const char *path = sd_bus_message_get_path(message);
    const char *name = path ? strrchr(path, '/') : NULL;
    uint32_t response;

    if (!name || !streq(name + 1, request->token))
        return 0;
    if (sd_bus_message_read(message, "u", &response) < 0)
        conclude(request, "the desktop portal gave no answer that makes sense");
    else if (response == RESPONSE_DONE)
        conclude(request, NULL);
    else if (response == RESPONSE_CANCELLED)
        conclude(request, "the choice of a browser was cancelled");
    else
        conclude(request, "the desktop portal opened nothing");
    return 0;
}

/* It is not to open the URL later, when another way has been taken. */
static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct portal_request *request = userdata;

    if (request->path)
        (void)sd_bus_call_method_async(
            request->bus, NULL, SERVICE, request->path, REQUEST, "Close", NULL, NULL, "");
    conclude(request, "the desktop portal does not answer");
    return 0;
}

static int call(struct portal_request *request, const char *url, bool start)
{
    sd_bus_message *message = NULL;

    int r = sd_bus_message_new_method_call(
        request->bus, &message, SERVICE, PATH, "org.freedesktop.portal.OpenURI", "OpenURI");
    if (r >= 0)
        r = sd_bus_message_set_auto_start(message, start);
    if (r >= 0)
        r = sd_bus_message_append(
            message, "ssa{sv}", "", url, 1, "handle_token", "s", request->token);
    if (r >= 0)
        r = sd_bus_call_async(request->bus, &request->call, message, on_call_reply, request, 0);
    sd_bus_message_unref(message);
    return r;
}

int portal_open(
    sd_event *event, const char *url, bool start, desktop_handler handler, void *userdata)
{
    struct portal_request *request = calloc(1, sizeof(*request));
    uint64_t random[2];

    if (!request)
        return -ENOMEM;
    request->handler = handler;
    request->userdata = userdata;
    random_fill(random, sizeof(random));
    snprintf(request->token, sizeof(request->token), "airstore%016" PRIx64 "%016" PRIx64, random[0],
        random[1]);
    int r = sd_bus_open_user(&request->bus);
    if (r >= 0)
        r = sd_bus_attach_event(request->bus, event, SD_EVENT_PRIORITY_NORMAL);
    if (r >= 0)
        r = sd_bus_match_signal_async(request->bus, &request->response, SERVICE, NULL, REQUEST,
            "Response", on_response, NULL, request);
    if (r >= 0)
        r = call(request, url, start);
    if (r >= 0)
        r = sd_event_add_time_relative(
            event, &request->timer, CLOCK_MONOTONIC, TIMEOUT_USEC, 0, on_timeout, request);
    if (r < 0)
        request_free(request);
    return r < 0 ? r : 0;
}
