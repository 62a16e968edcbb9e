/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Airstore's side of the redirect: /oauth/callback, where the provider sends the browser. It
 * exchanges the code, saves the connection, finishes the session, and sends the browser on.
 */

#include "tests/sandbox/http.h"
#include "tests/sandbox/sandbox.h"

int callback_answer(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply);

/* What happens to a pending session in the end: it completes, with its connection saved; or it
 * fails with an error of the provider such as "access_denied". */
int callback_complete_session(struct sandbox *sandbox, struct session *session);
int callback_fail_session(
    struct sandbox *sandbox, struct session *session, const char *provider_error);
