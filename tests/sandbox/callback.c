/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/callback.h"

#include "lib/base/memory.h"
#include "tests/sandbox/connections.h"
#include "tests/sandbox/faults.h"
#include "tests/sandbox/page.h"
#include "tests/sandbox/providers.h"
#include "tests/sandbox/server-clock.h"

#include <stdio.h>

int callback_complete_session(struct sandbox *sandbox, struct session *session)
{
    struct timespec now = server_clock_now(faults_clock_offset(sandbox->faults));
    const struct connection *connection;
    int r;

    r = connections_save(sandbox->connections, session->workspace_id, session->provider->type,
        session->provider->scope, now, &connection);
    if (r < 0)
        return r;
    return sessions_complete(sandbox->sessions, session, connection->external_id);
}

int callback_fail_session(
    struct sandbox *sandbox, struct session *session, const char *provider_error)
{
    char error[256];

    snprintf(error, sizeof(error), "%s: %s", session->provider->provider, provider_error);
    return sessions_fail(sandbox->sessions, session, error);
}

/* Errors of OAuth are lower-case words; nothing else of a URL gets into a session. */
static const char *provider_error(const char *error)
{
    if (error[0] == '\0' || strlen(error) > 64 ||
        error[strspn(error, "abcdefghijklmnopqrstuvwxyz_")] != '\0')
        return "invalid_request";
    return error;
}

static int write_failure(struct http_reply *reply, const char *reason)
{
    char content[512];

    snprintf(content, sizeof(content),
        "<p>%s</p>\n<p>You can close this tab and start again from the program that sent you "
        "here.</p>\n",
        reason);
    return page_write(reply, MHD_HTTP_BAD_REQUEST, "The account was not connected", content);
}

static int write_success(const struct session *session, struct http_reply *reply)
{
    char title[128];

    if (session->return_to) {
        reply->status = MHD_HTTP_FOUND;
        return http_reply_header(reply, MHD_HTTP_HEADER_LOCATION, session->return_to);
    }
    snprintf(title, sizeof(title), "%s is connected", session->provider->name);
    return page_write(reply, MHD_HTTP_OK, title, "<p>You can close this tab.</p>\n");
}

int callback_answer(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply)
{
    const char *state = http_request_query(request, "state");
    const char *code = http_request_query(request, "code");
    const char *error = http_request_query(request, "error");
    struct session *session = state ? sessions_find_state(sandbox->sessions, state) : NULL;
    int r;

    if (!session)
        return write_failure(reply, "This link is unknown, was used already, or is too old.");

    if (error) {
        r = callback_fail_session(sandbox, session, provider_error(error));
        return r < 0 ? r : write_failure(reply, "The provider reports that access was not given.");
    }
    if (!code || session->code[0] == '\0' || !streq(code, session->code)) {
        r = callback_fail_session(sandbox, session, "invalid_grant");
        return r < 0 ? r : write_failure(reply, "The provider does not know the code.");
    }
    r = callback_complete_session(sandbox, session);
    return r < 0 ? r : write_success(session, reply);
}
