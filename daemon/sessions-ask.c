/* SPDX-License-Identifier: MIT */
#include "daemon/log.h"
#include "daemon/sessions-entry.h"
#include "lib/base/timestamp.h"

#include <stdio.h>

#define ASK_TIMEOUT_USEC ((int64_t)20 * 1000000)

static void ask_failed(struct entry *entry, const struct api_error *error)
{
    struct session_event event = {.type = SESSION_EVENT_ASK_FAILED, .request_error = error};

    if (!entry->session->workspace_id)
        event.learned_workspace_id = connections_only_workspace(
            entry->sessions->context.connections, entry->session->profile);
    entry_handle(entry, &event);
}

static void on_status(const struct api_reply *reply, void *userdata)
{
    _cleanup_api_error_ struct api_error error = {0};
    struct api_session status = {0};
    struct entry *entry = userdata;

    entry->request = NULL;
    if (api_parse_session(reply, &status, &error) < 0) {
        ask_failed(entry, &error);
        return;
    }
    bool known = status.status == API_SESSION_COMPLETE &&
                 connections_find_id(entry->sessions->context.connections, status.connection_id);
    entry_handle(
        entry, &(struct session_event){
                   .type = SESSION_EVENT_STATUS, .status = &status, .known_before = known});
    api_session_clear(&status);
}

static void on_list(const struct api_reply *reply, void *userdata)
{
    _cleanup_api_error_ struct api_error error = {0};
    _cleanup_free_ char *workspace_id = NULL, *profile = NULL;
    struct api_connections listed = {0};
    struct entry *entry = userdata;
    struct connections *connections = entry->sessions->context.connections;

    entry->request = NULL;
    if (api_parse_connections(reply, &listed, &error) < 0) {
        ask_failed(entry, &error);
        return;
    }
    uint64_t moment = entry->moment; /* the entry may be gone after it has ended */
    workspace_id = strdup(entry->session->workspace_id);
    int r = string_replace(&profile, entry->session->profile);
    entry_handle(
        entry, &(struct session_event){.type = SESSION_EVENT_LISTED, .connections = &listed});
    if (workspace_id && r >= 0) /* what was listed says more than whether this one is complete */
        (void)connections_replace(connections, profile, workspace_id, moment, &listed);
    api_connections_clear(&listed);
}

/*
 * The profile has no place in the configuration any more, or leads to another server, which knows
 * nothing of the session and whose key is not for the old one. A mistake, perhaps: the session goes
 * on as soon as that is as it was.
 */
static void miss_profile(struct entry *entry, const struct profile *profile)
{
    char text[CONFIG_TEXT_SIZE];

    if (profile)
        snprintf(text, sizeof(text),
            "it was begun at %s, and the configuration names another server now",
            entry->session->base_url);
    else
        (void)config_no_profile(entry->session->profile, text);
    ask_failed(entry, &(struct api_error){
                          .class = API_ERROR_CONNECTION, .message = text, .retry_after_usec = -1});
}

static bool is_late(const struct session *session)
{
    return timestamp_now(CLOCK_BOOTTIME) > session->deadline + SESSION_GRACE_USEC;
}

/* Once the keyring has answered, there is a sessions_wake(). A session whose time is over would end
 * with this failure; it waits for that, since it may have been approved while nobody asked. */
static void miss_key(struct entry *entry, const struct profile *profile)
{
    const struct sessions_context *context = &entry->sessions->context;
    char text[CONFIG_TEXT_SIZE];

    if (context->want_key(profile, context->userdata) && is_late(entry->session))
        return;
    (void)config_no_key(profile, text);
    ask_failed(entry, &(struct api_error){
                          .class = API_ERROR_CONNECTION, .message = text, .retry_after_usec = -1});
}

void entry_ask(struct entry *entry, bool look, bool urgent)
{
    const struct sessions_context *context = &entry->sessions->context;
    const struct profile *profile = config_profile(context->config, entry->session->profile);
    struct api_request request = {0};

    if (!profile ||
        (entry->session->base_url && !streq(entry->session->base_url, profile->base_url))) {
        miss_profile(entry, profile);
        return;
    }
    if (!profile->api_key && profile->key_in_keyring) {
        miss_key(entry, profile);
        return;
    }
    const struct http_options options = {
        .api_key = profile->api_key,
        .timeout_usec = ASK_TIMEOUT_USEC,
        .urgent = urgent,
    };

    int r = look ? api_request_list_connections(
                       profile->base_url, entry->session->workspace_id, &request)
                 : api_request_get_session(profile->base_url, entry->session->session_id, &request);
    entry->moment = connections_moment(context->connections);
    if (r >= 0)
        r = http_send(
            context->http, &request, &options, look ? on_list : on_status, entry, &entry->request);
    if (r < 0)
        ask_failed(entry, &(struct api_error){.class = API_ERROR_MEMORY, .retry_after_usec = -1});
}
