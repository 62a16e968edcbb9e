/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The provider's side: the consent page that authorize_url leads to, in place of Google's, GitHub's
 * and the others'. It sets a cookie, as they do, without which its form is not accepted.
 */

#include "tests/sandbox/http.h"
#include "tests/sandbox/sandbox.h"

/* The URL of the page for a session, in the shape of the provider's own. 0 or -ENOMEM. */
int consent_authorize_url(
    const struct sandbox *sandbox, const struct session *session, struct buffer *url);

/* Answers everything under CONSENT_PREFIX. */
int consent_answer(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply);
