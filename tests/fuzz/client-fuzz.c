/* SPDX-License-Identifier: MIT */

/*
 * A daemon that answers anything at all, as programs with libairstore-oauthd see it. The first byte
 * chooses the method, the second how the answer is cut; the rest is what the daemon sends. A
 * handler gets a reply or an error, never both; the last one ends the call; and what a status or a
 * list promises is there.
 */

#include "tests/fuzz/fuzz.h"

#include "lib/airstore-oauthd.h"
#include "lib/base/json-scan.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

struct watch {
    unsigned delivered;
    bool more; /* was asked for */
    bool over;
};

/* Whether a text that is there can be read to its end. */
static void can_be_read(const char *text_or_null)
{
    if (text_or_null)
        HOLDS(json_scan_is_utf8(text_or_null, strlen(text_or_null)));
}

static void is_a_session(const struct airstore_oauthd_session *s)
{
    HOLDS(s->session_id && s->integration_type);
    can_be_read(s->session_id);
    can_be_read(s->integration_type);
    can_be_read(s->workspace_id);
    can_be_read(s->authorize_url);
    can_be_read(s->trouble);
    can_be_read(s->error);
    can_be_read(s->profile);
    HOLDS(s->status <= AIRSTORE_OAUTHD_ERROR);
    HOLDS(s->status != AIRSTORE_OAUTHD_COMPLETE || s->connection_id);
    HOLDS(s->failure <= AIRSTORE_OAUTHD_FAILURE_UNKNOWN);
    HOLDS(s->renewed >= -1 && s->renewed <= 1);
}

static void is_a_connection(const struct airstore_oauthd_connection *c)
{
    HOLDS(c->connection_id && c->integration_type);
    can_be_read(c->connection_id);
    can_be_read(c->integration_type);
    can_be_read(c->workspace_id);
    can_be_read(c->scope);
    can_be_read(c->profile);
}

static void is_a_status(const struct airstore_oauthd_status *status)
{
    HOLDS(status->version && status->api_base_url);
    can_be_read(status->api_key_source);
    can_be_read(status->default_workspace_id);
    can_be_read(status->callback_address);
    for (const char *const *problem = status->problems; *problem; problem++)
        can_be_read(*problem);
    for (const char *const *profile = status->profiles; *profile; profile++)
        can_be_read(*profile);
}

static void is_a_reply(const struct airstore_oauthd_reply *reply)
{
    if (reply->session)
        is_a_session(reply->session);
    if (reply->connection)
        is_a_connection(reply->connection);
    if (reply->status)
        is_a_status(reply->status);
    for (size_t i = 0; reply->sessions && reply->sessions[i]; i++)
        is_a_session(reply->sessions[i]);
    for (size_t i = 0; reply->connections && reply->connections[i]; i++)
        is_a_connection(reply->connections[i]);
    for (size_t i = 0; reply->integrations && reply->integrations[i]; i++) {
        HOLDS(reply->integrations[i]->integration_type && reply->integrations[i]->name);
        HOLDS(reply->integrations[i]->authentication <= AIRSTORE_OAUTHD_API_KEY);
    }
    for (size_t i = 0; reply->settings && reply->settings[i]; i++) {
        HOLDS(reply->settings[i]->section && reply->settings[i]->key);
        can_be_read(reply->settings[i]->value);
        can_be_read(reply->settings[i]->source);
    }
    can_be_read(reply->browser_problem);
    can_be_read(reply->warning);
    can_be_read(reply->deleted_connection_id);
    HOLDS(airstore_oauthd_reply_json(reply));
    can_be_read(airstore_oauthd_reply_json(reply));
}

static void is_an_error(const struct airstore_oauthd_error *error)
{
    HOLDS(error->code < 0);
    HOLDS(error->message && *error->message);
    can_be_read(error->name);
    can_be_read(error->message);
    HOLDS(error->failure <= AIRSTORE_OAUTHD_FAILURE_UNKNOWN);
}

static void on_answer(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    struct watch *watch = userdata;

    HOLDS(!watch->over);
    HOLDS((reply != NULL) != (error != NULL));
    watch->delivered++;
    watch->over = error || !reply->continues;
    HOLDS(watch->more || !reply || !reply->continues);
    if (reply)
        is_a_reply(reply);
    else
        is_an_error(error);
}

static int call(struct airstore_oauthd *oauthd, uint8_t method, struct watch *watch)
{
    static const struct airstore_oauthd_credentials credentials = {.api_key = "x"};

    switch (method % 14) {
    case 0:
        return airstore_oauthd_create_session_async(
            oauthd, "gmail", NULL, NULL, 0, on_answer, watch, NULL);
    case 1:
        return airstore_oauthd_get_session_async(oauthd, "sess", on_answer, watch, NULL);
    case 2:
        return airstore_oauthd_poll_async(oauthd, "sess", 0, 0, true, on_answer, watch, NULL);
    case 3:
        return airstore_oauthd_list_sessions_async(oauthd, on_answer, watch, NULL);
    case 4:
        return airstore_oauthd_cancel_session_async(oauthd, "sess", on_answer, watch, NULL);
    case 5:
        return airstore_oauthd_get_connection_async(oauthd, "gmail", NULL, on_answer, watch, NULL);
    case 6:
        return airstore_oauthd_list_connections_async(
            oauthd, NULL, NULL, true, on_answer, watch, NULL);
    case 7:
        return airstore_oauthd_create_connection_async(
            oauthd, "posthog", NULL, &credentials, on_answer, watch, NULL);
    case 8:
        return airstore_oauthd_delete_connection_async(
            oauthd, "conn", NULL, on_answer, watch, NULL);
    case 9:
        return airstore_oauthd_list_integrations_async(oauthd, on_answer, watch, NULL);
    case 10:
        return airstore_oauthd_get_status_async(oauthd, on_answer, watch, NULL);
    case 11:
        return airstore_oauthd_check_api_key_async(oauthd, "tok", on_answer, watch, NULL);
    case 12:
        return airstore_oauthd_get_configuration_async(oauthd, on_answer, watch, NULL);
    default:
        return airstore_oauthd_watch_async(oauthd, on_answer, watch, NULL);
    }
}

/* The kernel chooses an abstract name. */
static int listening(char address[static 64])
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    socklen_t size = sizeof(sa_family_t);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    HOLDS(fd >= 0 && bind(fd, (struct sockaddr *)&name, size) == 0 && listen(fd, 4) == 0);
    size = sizeof(name);
    HOLDS(getsockname(fd, (struct sockaddr *)&name, &size) == 0);
    int length = (int)(size - offsetof(struct sockaddr_un, sun_path) - 1);
    snprintf(address, 64, "unix:@%.*s", length, name.sun_path + 1);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char address[64];
    static int listener = -1;
    struct fuzz_input input = {data, size};
    uint8_t method = fuzz_byte(&input), pieces = fuzz_byte(&input) % 4 + 1;
    struct watch watch = {.more = method % 14 == 2 || method % 14 == 13};
    struct airstore_oauthd *oauthd;

    if (listener < 0)
        listener = listening(address);
    HOLDS(airstore_oauthd_open(address, &oauthd) == 0);
    HOLDS(call(oauthd, method, &watch) == 0);
    int daemon = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    HOLDS(daemon >= 0);
    for (uint8_t i = 0; i < pieces && !watch.over; i++) {
        size_t n = i == pieces - 1 ? input.left : input.left / 2;
        (void)send(daemon, input.at, n, MSG_NOSIGNAL);
        input.at += n;
        input.left -= n;
        for (int r = 1; r > 0;)
            HOLDS((r = airstore_oauthd_dispatch(oauthd)) >= 0);
    }
    unsigned delivered = watch.delivered;
    close(daemon);
    HOLDS(airstore_oauthd_dispatch(oauthd) >= 0); /* it tries again, or says that it cannot */
    HOLDS(watch.delivered <= delivered + 1);
    airstore_oauthd_close(oauthd);
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
        close(fd);
    return 0;
}
