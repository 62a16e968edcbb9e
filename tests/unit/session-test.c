/* SPDX-License-Identifier: MIT */

/* The state machine of a session: stories, one after the other, and then random ones by the
 * million. */

#include "tests/unit/unit.h"

#include "daemon/session.h"
#include "tests/session-invariants.h"

#include <stdlib.h>

#define SEC ((int64_t)1000000)
#define BEGAN ((int64_t)1800000000 * SEC) /* by the server's clock, and by ours */

static bool no_memory;

/* In place of libc's, for the state machine as well. */
char *strdup(const char *text)
{
    return no_memory ? NULL : strndup(text, strlen(text));
}

static struct session *make(void)
{
    struct session *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    s->session_id = strdup("sess");
    s->integration_type = strdup("gmail");
    s->workspace_id = strdup("ws_1");
    s->authorize_url = strdup("https://example.org/authorize");
    s->created_at = s->began_at = BEGAN;
    s->expires_at = BEGAN + SESSION_LIFETIME_USEC;
    s->deadline = SESSION_LIFETIME_USEC;
    s->wake_at = INT64_MAX;
    return s;
}

/* Times in these stories count from the creation of the session. */
static struct session_effects handle(struct session *s, int64_t now, struct session_event event)
{
    event.now = now;
    event.realtime = BEGAN + now;
    return session_handle(s, &event);
}

static struct session *start(void)
{
    struct session *s = make();
    struct session_effects effects =
        handle(s, 0, (struct session_event){.type = SESSION_EVENT_START});

    assert_false(effects.ask);
    assert_int_equal(s->wake_at, SESSION_INTERVAL_IDLE_USEC);
    return s;
}

static struct session_effects tick(struct session *s, int64_t now)
{
    return handle(s, now, (struct session_event){.type = SESSION_EVENT_TIME});
}

static struct session_effects hint(struct session *s, int64_t now)
{
    return handle(s, now, (struct session_event){.type = SESSION_EVENT_HINT});
}

static struct session_effects wait_every(struct session *s, int64_t now, int64_t interval)
{
    return handle(
        s, now, (struct session_event){.type = SESSION_EVENT_INTERVAL, .interval = interval});
}

static struct session_effects answer(
    struct session *s, int64_t now, enum api_session_status status, const char *literal)
{
    char *text = (char *)(uintptr_t)literal;
    struct api_session reply = {.status = status, .connection_id = text, .error = text};

    return handle(s, now, (struct session_event){.type = SESSION_EVENT_STATUS, .status = &reply});
}

static struct session_effects ask_fails(
    struct session *s, int64_t now, enum api_error_class class, int status, int64_t retry_after)
{
    struct api_error error = {
        .class = class,
        .status = status,
        .message = (char *)(uintptr_t) "it failed",
        .retry_after_usec = retry_after,
    };

    return handle(
        s, now, (struct session_event){.type = SESSION_EVENT_ASK_FAILED, .request_error = &error});
}

static struct session_effects list(
    struct session *s, int64_t now, const char *type, int64_t created_at, int64_t updated_at)
{
    struct api_connection connection = {
        .connection_id = (char *)(uintptr_t) "conn",
        .integration_type = (char *)(uintptr_t)type,
        .created_at_usec = created_at,
        .updated_at_usec = updated_at,
    };
    struct api_connections listed = {.items = &connection, .n = type ? 1 : 0};

    return handle(
        s, now, (struct session_event){.type = SESSION_EVENT_LISTED, .connections = &listed});
}

static void assert_failed(const struct session *s, enum session_failure failure)
{
    assert_int_equal(s->state, SESSION_FAILED);
    assert_int_equal(s->failure, failure);
    assert_non_null(s->error);
    assert_null(s->authorize_url);
    assert_int_equal(s->wake_at, INT64_MAX);
}

/* Stories */

static void approved_is_seen_by_polling(void **state)
{
    struct session *s = start();

    assert_true(tick(s, 10 * SEC).ask);
    assert_false(answer(s, 10 * SEC, API_SESSION_PENDING, NULL).changed);
    assert_int_equal(s->wake_at, 20 * SEC);
    assert_true(tick(s, 20 * SEC).ask);
    struct session_effects effects = answer(s, 20 * SEC, API_SESSION_COMPLETE, "conn");
    assert_true(effects.ended && effects.changed && !effects.ask);
    assert_int_equal(s->state, SESSION_COMPLETE);
    assert_string_equal(s->connection_id, "conn");
    assert_int_equal(s->ended_at, BEGAN + 20 * SEC);
    assert_null(s->authorize_url);
    session_free(s);
}

/* The browser will tell; the longer it takes, the less often the server is asked. */
static void who_has_a_browser_open_polls_less(void **state)
{
    static const struct {
        int64_t now, then;
    } cases[] = {
        {1 * SEC, 3 * SEC},
        {8 * SEC, 10 * SEC},
        {16 * SEC, 20 * SEC},
        {20 * SEC, 25 * SEC},
        {300 * SEC, 305 * SEC},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct session *s = start();
        s->callback = strdup("http://127.0.0.1:1/callback/x");
        (void)wait_every(s, 0, 2 * SEC);
        (void)hint(s, cases[i].now);
        (void)answer(s, cases[i].now, API_SESSION_PENDING, NULL);
        assert_int_equal(s->wake_at, cases[i].now + 2 * SEC); /* nobody opened one, yet */
        s->browser_opened = true;
        (void)hint(s, cases[i].now);
        (void)answer(s, cases[i].now, API_SESSION_PENDING, NULL);
        assert_int_equal(s->wake_at, cases[i].then);
        /* Nobody waits: as ever. */
        (void)wait_every(s, cases[i].now, 0);
        (void)hint(s, cases[i].now);
        (void)answer(s, cases[i].now, API_SESSION_PENDING, NULL);
        assert_int_equal(s->wake_at, cases[i].now + SESSION_INTERVAL_IDLE_USEC);
        session_free(s);
    }
}

static void completion_without_memory_is_asked_for_again(void **state)
{
    struct session *s = start();

    assert_true(tick(s, s->wake_at).ask);
    no_memory = true;
    struct session_effects effects = answer(s, 3 * SEC, API_SESSION_COMPLETE, "conn");
    no_memory = false;
    assert_false(effects.ended);
    assert_true(s->wake_at < 3 * SEC + 2 * SESSION_INTERVAL_IDLE_USEC);
    assert_true(tick(s, s->wake_at).ask);
    assert_true(answer(s, 20 * SEC, API_SESSION_COMPLETE, "conn").ended);
    assert_string_equal(s->connection_id, "conn");
    session_free(s);
}

static void redirect_asks_at_once(void **state)
{
    struct session *s = start();
    struct session_effects effects = hint(s, 3 * SEC);

    assert_true(effects.ask && effects.urgent);
    /* A second one meanwhile is not lost, and not a second request either. */
    assert_false(hint(s, 3 * SEC + 1).ask);
    effects = answer(s, 3 * SEC + 2, API_SESSION_PENDING, NULL);
    assert_true(effects.ask && effects.urgent);
    session_free(s);
}

static void a_request_into_a_dead_network_is_sent_again(void **state)
{
    struct session *s = start();

    assert_true(hint(s, 3 * SEC).ask);
    struct session_effects effects =
        handle(s, 4 * SEC, (struct session_event){.type = SESSION_EVENT_WAKE});
    assert_true(effects.ask && effects.urgent && s->asking);
    session_free(s);
}

static void redirect_proves_nothing(void **state)
{
    struct session *s = start();

    hint(s, 3 * SEC);
    answer(s, 3 * SEC, API_SESSION_PENDING, NULL);
    assert_int_equal(s->state, SESSION_PENDING);
    session_free(s);
}

static void waiters_set_the_pace(void **state)
{
    struct session *s = start();

    wait_every(s, 1 * SEC, 2 * SEC);
    assert_int_equal(s->wake_at, 3 * SEC);
    assert_true(tick(s, 3 * SEC).ask);
    answer(s, 3 * SEC, API_SESSION_PENDING, NULL);
    assert_int_equal(s->wake_at, 5 * SEC);
    wait_every(s, 3 * SEC, 0);
    tick(s, 5 * SEC);
    answer(s, 5 * SEC, API_SESSION_PENDING, NULL);
    assert_int_equal(s->wake_at, 15 * SEC);
    session_free(s);
}

static void nobody_is_more_patient_than_the_daemon(void **state)
{
    struct session *s = start();

    wait_every(s, 0, 45 * SEC);
    tick(s, 10 * SEC);
    answer(s, 10 * SEC, API_SESSION_PENDING, NULL);
    assert_int_equal(s->wake_at, 10 * SEC + SESSION_INTERVAL_IDLE_USEC);
    session_free(s);
}

static void denied(void **state)
{
    struct session *s = start();

    hint(s, SEC);
    assert_true(answer(s, SEC, API_SESSION_ERROR, "google: access_denied").ended);
    assert_failed(s, SESSION_DENIED);
    assert_non_null(strstr(s->error, "google: access_denied"));
    session_free(s);
}

static void cancelled(void **state)
{
    struct session *s = start();

    assert_true(handle(s, SEC, (struct session_event){.type = SESSION_EVENT_CANCEL}).ended);
    assert_failed(s, SESSION_CANCELLED);
    session_free(s);
}

static void transient_trouble_is_told_once_and_ends_nothing(void **state)
{
    static const struct {
        enum api_error_class class;
        int status;
    } cases[] = {
        {API_ERROR_BAD_REQUEST, 400},
        {API_ERROR_BAD_REQUEST, 408},
        {API_ERROR_BAD_REQUEST, 421},
        {API_ERROR_UNPROCESSABLE, 422},
        {API_ERROR_CONFLICT, 409},
        {API_ERROR_RATE_LIMIT, 429},
        {API_ERROR_SERVER, 500},
        {API_ERROR_SERVER, 503},
        {API_ERROR_INVALID_REPLY, 200},
        {API_ERROR_CONNECTION, 0},
        {API_ERROR_TIMEOUT, 0},
        {API_ERROR_MEMORY, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct session *s = start();
        hint(s, SEC);
        assert_true(ask_fails(s, SEC, cases[i].class, cases[i].status, -1).changed);
        assert_string_equal(s->trouble, "it failed");
        for (int64_t now = s->wake_at; now < SESSION_LIFETIME_USEC; now = s->wake_at) {
            assert_true(tick(s, now).ask);
            assert_false(ask_fails(s, now, cases[i].class, cases[i].status, -1).changed);
            assert_int_equal(s->state, SESSION_PENDING);
            assert_true(s->wake_at > now && s->wake_at <= now + 11 * SEC);
        }
        hint(s, SESSION_LIFETIME_USEC);
        assert_true(answer(s, SESSION_LIFETIME_USEC, API_SESSION_PENDING, NULL).changed);
        assert_null(s->trouble);
        session_free(s);
    }
}

static void retry_after_goes_first(void **state)
{
    struct session *s = start();

    wait_every(s, SEC, 2 * SEC);
    hint(s, SEC);
    ask_fails(s, SEC, API_ERROR_RATE_LIMIT, 429, 30 * SEC);
    assert_int_equal(s->wake_at, 31 * SEC);
    assert_false(hint(s, 2 * SEC).ask);
    wait_every(s, 3 * SEC, SEC);
    assert_int_equal(s->wake_at, 31 * SEC);
    assert_true(tick(s, 31 * SEC).ask);
    session_free(s);
}

static void browser_that_comes_back_is_told_once(void **state)
{
    struct session *s = start();
    const struct session_event back = {.type = SESSION_EVENT_RETURN};

    struct session_effects effects = handle(s, SEC, back);
    assert_true(effects.changed && effects.ask && effects.urgent);
    assert_true(s->returned);
    assert_false(handle(s, SEC, back).changed);
    assert_int_equal(s->state, SESSION_PENDING); /* it proves nothing */
    session_free(s);
}

static void refused_key_ends_it(void **state)
{
    struct session *s = start();

    hint(s, SEC);
    assert_true(ask_fails(s, SEC, API_ERROR_AUTHENTICATION, 401, -1).ended);
    assert_failed(s, SESSION_UNAUTHORIZED);
    assert_non_null(strstr(s->error, "API key"));
    session_free(s);
}

static void lost_completion_is_found(void **state)
{
    struct session *s = start();

    hint(s, 60 * SEC);
    struct session_effects effects = ask_fails(s, 60 * SEC, API_ERROR_NOT_FOUND, 404, -1);
    assert_true(effects.look && !effects.ask && !effects.ended);
    assert_int_equal(s->state, SESSION_LOOKING);
    assert_true(list(s, 61 * SEC, "gmail", BEGAN - SEC, BEGAN + 30 * SEC).ended);
    assert_int_equal(s->state, SESSION_COMPLETE);
    assert_string_equal(s->connection_id, "conn");
    assert_int_equal(s->renewed, SESSION_RENEWED_YES);
    session_free(s);
}

static void new_connection_is_not_called_renewed(void **state)
{
    struct session *s = start();

    hint(s, 60 * SEC);
    ask_fails(s, 60 * SEC, API_ERROR_NOT_FOUND, 404, -1);
    list(s, 61 * SEC, "gmail", BEGAN + 5 * SEC, BEGAN + 5 * SEC);
    assert_int_equal(s->renewed, SESSION_RENEWED_NO);
    session_free(s);
}

static void other_connections_are_not_taken_for_it(void **state)
{
    static const struct {
        const char *type;
        int64_t updated_at;
    } cases[] = {
        {NULL, 0},
        {"github", BEGAN + SEC},
        {"gmail", BEGAN - 1},
        {"gmail", -1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct session *s = start();
        hint(s, 60 * SEC);
        ask_fails(s, 60 * SEC, API_ERROR_NOT_FOUND, 404, -1);
        list(s, 61 * SEC, cases[i].type, -1, cases[i].updated_at);
        assert_failed(s, SESSION_EXPIRED);
        session_free(s);
    }
}

static void slept_nine_minutes(void **state)
{
    struct session *s = start();

    /* The clock counts sleep, so the timer is overdue; the server still knows the session. */
    assert_true(tick(s, 9 * 60 * SEC).ask);
    answer(s, 9 * 60 * SEC, API_SESSION_PENDING, NULL);
    assert_int_equal(s->state, SESSION_PENDING);
    assert_true(tick(s, 9 * 60 * SEC + 11 * SEC).ask);
    answer(s, 9 * 60 * SEC + 11 * SEC, API_SESSION_COMPLETE, "conn");
    assert_int_equal(s->state, SESSION_COMPLETE);
    session_free(s);
}

static void slept_eleven_minutes(void **state)
{
    struct session *s = start();

    /* Denied, expired: nobody can tell, so neither is claimed. */
    assert_true(tick(s, 11 * 60 * SEC).ask);
    assert_true(ask_fails(s, 11 * 60 * SEC, API_ERROR_NOT_FOUND, 404, -1).look);
    list(s, 11 * 60 * SEC, NULL, 0, 0);
    assert_failed(s, SESSION_UNKNOWN);
    session_free(s);

    /* Approved: it is found. */
    s = start();
    tick(s, 11 * 60 * SEC);
    ask_fails(s, 11 * 60 * SEC, API_ERROR_NOT_FOUND, 404, -1);
    list(s, 11 * 60 * SEC, "gmail", BEGAN + SEC, BEGAN + SEC);
    assert_int_equal(s->state, SESSION_COMPLETE);
    session_free(s);
}

static void watched_until_the_end_has_expired(void **state)
{
    struct session *s = start();
    int64_t now;

    for (now = s->wake_at; now < SESSION_LIFETIME_USEC; now = s->wake_at) {
        assert_true(tick(s, now).ask);
        answer(s, now, API_SESSION_PENDING, NULL);
    }
    tick(s, now);
    ask_fails(s, now, API_ERROR_NOT_FOUND, 404, -1);
    list(s, now, NULL, 0, 0);
    assert_failed(s, SESSION_EXPIRED);
    session_free(s);
}

static void unreachable_until_past_the_end_is_unknown(void **state)
{
    struct session *s = start();
    int64_t now;

    for (now = s->wake_at; !session_is_over(s); now = s->wake_at) {
        tick(s, now);
        ask_fails(s, now, API_ERROR_CONNECTION, 0, -1);
    }
    assert_failed(s, SESSION_UNKNOWN);
    assert_true(s->ended_at > BEGAN + SESSION_LIFETIME_USEC);
    assert_non_null(strstr(s->error, "list --refresh"));
    session_free(s);
}

static void unknown_workspace(void **state)
{
    struct session *s = start();

    free(s->workspace_id);
    s->workspace_id = NULL;
    hint(s, SEC);
    ask_fails(s, SEC, API_ERROR_NOT_FOUND, 404, -1);
    assert_failed(s, SESSION_UNKNOWN);
    assert_non_null(strstr(s->error, "-w WORKSPACE"));
    session_free(s);
}

static void learned_workspace(void **state)
{
    struct session *s = start();
    struct api_error error = {.class = API_ERROR_NOT_FOUND, .status = 404, .retry_after_usec = -1};

    free(s->workspace_id);
    s->workspace_id = NULL;
    hint(s, SEC);
    struct session_effects effects = handle(s, SEC,
        (struct session_event){
            .type = SESSION_EVENT_ASK_FAILED,
            .request_error = &error,
            .learned_workspace_id = "ws_2",
        });
    assert_true(effects.look);
    assert_string_equal(s->workspace_id, "ws_2");
    session_free(s);
}

/* Random sequences: whatever happens, in whatever order, the invariants hold. */

static uint64_t random_state = 88172645463325252U;

static uint32_t draw(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 11) % n;
}

static struct session_effects random_event(struct session *s, int64_t now)
{
    static const enum api_error_class classes[] = {API_ERROR_NOT_FOUND, API_ERROR_SERVER,
        API_ERROR_CONNECTION, API_ERROR_RATE_LIMIT, API_ERROR_AUTHENTICATION, API_ERROR_TIMEOUT};
    uint32_t i = draw(ARRAY_SIZE(classes) * 4);
    struct session_effects none = {0};

    switch (draw(8)) {
    case 0:
        return tick(s, now);
    case 1:
        return hint(s, now);
    case 2:
        return wait_every(s, now, draw(4) * SEC);
    case 3:
    case 4: /* answers come only to requests; most are "pending" */
        if (!s->asking || s->state != SESSION_PENDING)
            return none;
        if (draw(40) > 0)
            return answer(s, now, API_SESSION_PENDING, NULL);
        return answer(s, now, draw(2) ? API_SESSION_COMPLETE : API_SESSION_ERROR, "conn");
    case 5:
        if (!s->asking)
            return none;
        return ask_fails(s, now, classes[i < ARRAY_SIZE(classes) ? i : 1], 500,
            draw(4) ? -1 : (int64_t)draw(30) * SEC);
    case 6:
        if (!s->asking || s->state != SESSION_LOOKING)
            return none;
        return list(s, now, draw(2) ? "gmail" : NULL, BEGAN, draw(2) ? BEGAN + now : BEGAN - SEC);
    default:
        return draw(200) ? none
                         : handle(s, now, (struct session_event){.type = SESSION_EVENT_CANCEL});
    }
}

static void check_invariants(
    const struct session *s, const struct session *before, struct session_effects effects)
{
    const char *broken = session_broken_invariant(s, before, effects);

    if (broken)
        fail_msg("broken: %s", broken);
}

static void random_sequences(void **state)
{
    uint64_t events = 0, ended = 0;

    while (events < 1000000) {
        struct session *s = start();
        int64_t now = 0;
        for (int i = 0; i < 120; i++, events++) {
            struct session before = *s;
            now += (int64_t)draw(15) * SEC / 2;
            check_invariants(s, &before, random_event(s, now));
        }
        ended += session_is_over(s);
        session_free(s);
    }
    assert_true(ended > 1000); /* else the invariants of ended sessions were not looked at */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approved_is_seen_by_polling),
        cmocka_unit_test(who_has_a_browser_open_polls_less),
        cmocka_unit_test(completion_without_memory_is_asked_for_again),
        cmocka_unit_test(redirect_asks_at_once),
        cmocka_unit_test(a_request_into_a_dead_network_is_sent_again),
        cmocka_unit_test(redirect_proves_nothing),
        cmocka_unit_test(waiters_set_the_pace),
        cmocka_unit_test(nobody_is_more_patient_than_the_daemon),
        cmocka_unit_test(denied),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(transient_trouble_is_told_once_and_ends_nothing),
        cmocka_unit_test(retry_after_goes_first),
        cmocka_unit_test(browser_that_comes_back_is_told_once),
        cmocka_unit_test(refused_key_ends_it),
        cmocka_unit_test(lost_completion_is_found),
        cmocka_unit_test(new_connection_is_not_called_renewed),
        cmocka_unit_test(other_connections_are_not_taken_for_it),
        cmocka_unit_test(slept_nine_minutes),
        cmocka_unit_test(slept_eleven_minutes),
        cmocka_unit_test(watched_until_the_end_has_expired),
        cmocka_unit_test(unreachable_until_past_the_end_is_unknown),
        cmocka_unit_test(unknown_workspace),
        cmocka_unit_test(learned_workspace),
        cmocka_unit_test(random_sequences),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
