/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/consent.h"

#include "lib/base/memory.h"
#include "tests/sandbox/page.h"
#include "tests/sandbox/providers.h"

#include <stdbool.h>
#include <stdio.h>

#define COOKIE "sandbox_consent"
#define CALLBACK_PATH API_PREFIX "/oauth/callback"

static int append_encoded(struct buffer *url, const char *text)
{
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-._~";
    int r = 0;

    for (; *text != '\0' && r == 0; text++) {
        if (strchr(unreserved, *text))
            r = buffer_append(url, text, 1);
        else
            r = buffer_printf(url, "%%%02X", (unsigned char)*text);
    }
    return r;
}

int consent_authorize_url(
    const struct sandbox *sandbox, const struct session *session, struct buffer *url)
{
    const struct provider *provider = session->provider;
    int r;

    r = buffer_printf(url,
        "%s" CONSENT_PREFIX "/%s?client_id=airstore-sandbox&redirect_uri=", sandbox->origin,
        provider->provider);
    if (r < 0 || (r = append_encoded(url, sandbox->origin)) < 0 ||
        (r = append_encoded(url, CALLBACK_PATH)) < 0 ||
        (r = buffer_append_string(url, "&response_type=code&scope=")) < 0 ||
        (r = append_encoded(url, provider->scope)) < 0)
        return r;
    return buffer_printf(url, "&state=%s%s", session->state, provider->extra_query);
}

static int write_problem(struct http_reply *reply, unsigned status, const char *problem)
{
    return page_write(reply, status, "This page cannot be shown", problem);
}

/* A provider redirects to its own client's address only, and so do we. */
static bool is_our_callback(const struct sandbox *sandbox, const char *redirect_uri)
{
    size_t length = strlen(sandbox->origin);

    return redirect_uri && strncmp(redirect_uri, sandbox->origin, length) == 0 &&
           streq(redirect_uri + length, CALLBACK_PATH);
}

/* Returns NULL and the session, or what to tell the person. */
static const char *find_session(
    struct sandbox *sandbox, const struct http_request *request, struct session **ret)
{
    const char *state = http_request_query(request, "state");
    const char *type = http_request_query(request, "response_type");
    struct session *session = state ? sessions_find_state(sandbox->sessions, state) : NULL;
    char path[64];

    if (!session)
        return "<p>The link is unknown, was used already, or is too old. Start again from the "
               "program that sent you here.</p>\n";
    snprintf(path, sizeof(path), CONSENT_PREFIX "/%s", session->provider->provider);
    if (!streq(request->path, path) || !type || !streq(type, "code") ||
        !is_our_callback(sandbox, http_request_query(request, "redirect_uri")))
        return "<p>The link was changed on its way here. Start again from the program that sent "
               "you here.</p>\n";
    *ret = session;
    return NULL;
}

/* The browser keeps the cookie it has, so that several pages can be open at once. */
static int set_cookie(
    const struct http_request *request, struct http_reply *reply, char token[static TOKEN_SIZE])
{
    const char *known = http_request_cookie(request, COOKIE);
    char cookie[128];

    if (known && strlen(known) == TOKEN_SIZE - 1 &&
        known[strspn(known, "0123456789abcdef")] == '\0') {
        memcpy(token, known, TOKEN_SIZE);
        return 0;
    }
    random_token(token);
    snprintf(cookie, sizeof(cookie), COOKIE "=%s; Path=" CONSENT_PREFIX "; HttpOnly; SameSite=Lax",
        token);
    return http_reply_header(reply, MHD_HTTP_HEADER_SET_COOKIE, cookie);
}

static int write_form(
    const struct http_request *request, const struct session *session, struct http_reply *reply)
{
    _cleanup_buffer_ struct buffer content = {0};
    char token[TOKEN_SIZE], title[128];
    int r;

    r = set_cookie(request, reply, token);
    if (r < 0)
        return r;
    /* Without an action the form comes back to this very URL, with its query. */
    r = buffer_printf(&content,
        "<p>Airstore asks for access to your %s account, for the workspace <code>%s</code>.</p>\n"
        "<form method=\"post\">\n<input type=\"hidden\" name=\"token\" value=\"%s\">\n"
        "<button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button>\n"
        "<button id=\"approve\" name=\"decision\" value=\"approve\">Approve</button>\n</form>\n",
        session->provider->name, session->workspace_id, token);
    if (r < 0)
        return r;
    snprintf(title, sizeof(title), "Connect %s to Airstore?", session->provider->name);
    return page_write(reply, MHD_HTTP_OK, title, content.data);
}

static int redirect_to_callback(const struct sandbox *sandbox, const struct session *session,
    bool approved, struct http_reply *reply)
{
    char location[512];

    snprintf(location, sizeof(location), "%s" CALLBACK_PATH "?state=%s&%s%s", sandbox->origin,
        session->state, approved ? "code=" : "error=access_denied", approved ? session->code : "");
    reply->status = MHD_HTTP_FOUND;
    return http_reply_header(reply, MHD_HTTP_HEADER_LOCATION, location);
}

static int take_decision(const struct sandbox *sandbox, const struct http_request *request,
    struct session *session, struct http_reply *reply)
{
    const char *cookie = http_request_cookie(request, COOKIE);
    char token[TOKEN_SIZE], decision[16];

    http_request_form(request, "token", token, sizeof(token));
    http_request_form(request, "decision", decision, sizeof(decision));
    if (!cookie || token[0] == '\0' || !streq(cookie, token))
        return write_problem(reply, MHD_HTTP_FORBIDDEN,
            "<p>The cookie of this page did not come back. Allow cookies and open the link "
            "again.</p>\n");

    if (streq(decision, "approve")) {
        random_token(session->code);
        return redirect_to_callback(sandbox, session, true, reply);
    }
    if (streq(decision, "deny"))
        return redirect_to_callback(sandbox, session, false, reply);
    return write_problem(reply, MHD_HTTP_BAD_REQUEST,
        "<p>Neither Approve nor Deny was chosen. Go back and choose one.</p>\n");
}

int consent_answer(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply)
{
    bool is_get = streq(request->method, "GET");
    struct session *session;
    const char *problem;

    if (!is_get && !streq(request->method, "POST"))
        return write_problem(reply, MHD_HTTP_METHOD_NOT_ALLOWED, "");
    problem = find_session(sandbox, request, &session);
    if (problem)
        return write_problem(reply, MHD_HTTP_BAD_REQUEST, problem);
    return is_get ? write_form(request, session, reply)
                  : take_decision(sandbox, request, session, reply);
}
