/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/rows.h"

#include "lib/base/json-scan.h"
#include "lib/base/url.h"
#include "tests/fuzz/fuzz.h"

static void is_an_id(const char *id)
{
    HOLDS(id && *id && json_scan_is_utf8(id, strlen(id)));
}

void stored_session_is_sound(const struct session *s)
{
    is_an_id(s->session_id);
    is_an_id(s->integration_type);
    HOLDS(s->state != SESSION_LOOKING);
    HOLDS((s->state == SESSION_FAILED) == (s->failure != SESSION_NOT_FAILED));
    HOLDS(s->failure <= SESSION_UNKNOWN && s->renewed <= SESSION_RENEWED_YES);
    HOLDS(s->state != SESSION_FAILED || session_failure_name(s->failure));
    HOLDS((s->state == SESSION_PENDING) == (s->authorize_url != NULL));
    if (s->authorize_url)
        HOLDS(!url_problem(s->authorize_url)); /* a browser is told to open it */
    if (s->state == SESSION_COMPLETE)
        is_an_id(s->connection_id);
    HOLDS(!s->return_to || !url_problem_any_host(s->return_to)); /* a browser is sent there */
    HOLDS(!s->asking && !s->hinted && s->wake_at == INT64_MAX && !s->trouble);
}

void stored_connection_is_sound(const struct api_connection *c)
{
    is_an_id(c->connection_id);
    is_an_id(c->integration_type);
}
