/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/rows.h"

#include "lib/base/json-scan.h"
#include "lib/base/url.h"
#include "tests/fuzz/fuzz.h"

static void is_told(const char *text_or_null)
{
    HOLDS(!text_or_null || json_scan_is_utf8(text_or_null, strlen(text_or_null)));
}

static void is_an_id(const char *id)
{
    HOLDS(id && *id);
    is_told(id);
}

void stored_session_is_sound(const struct session *s)
{
    is_an_id(s->session_id);
    is_an_id(s->integration_type);
    HOLDS(s->state != SESSION_LOOKING);
    HOLDS((s->state == SESSION_FAILED) == (s->failure != SESSION_NOT_FAILED));
    HOLDS(s->failure <= SESSION_UNAUTHORIZED && s->renewed <= SESSION_RENEWED_YES);
    HOLDS(s->state != SESSION_FAILED || session_failure_name(s->failure));
    HOLDS((s->state == SESSION_PENDING) == (s->authorize_url != NULL));
    if (s->authorize_url)
        HOLDS(!url_problem(s->authorize_url)); /* a browser is told to open it */
    if (s->state == SESSION_COMPLETE)
        is_an_id(s->connection_id);
    is_told(s->workspace_id);
    is_told(s->profile);
    is_told(s->error);
    HOLDS(!s->return_to || !url_problem_any_host(s->return_to)); /* a browser is sent there */
    HOLDS(!s->asking && !s->hinted && s->wake_at == INT64_MAX && !s->trouble);
}

void stored_connection_is_sound(const struct api_connection *c)
{
    is_an_id(c->connection_id);
    is_an_id(c->integration_type);
    is_told(c->workspace_id);
    is_told(c->profile);
    is_told(c->scope);
}
