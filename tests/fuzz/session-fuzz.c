/* SPDX-License-Identifier: MIT */

/*
 * The state machine of a session, driven by events of all kinds in any order, with any texts and
 * times. One line an event: its letter, a digit for how much later it comes, one for its kind, then
 * text. Answers come only to requests, as sessions.c has it.
 */

#include "tests/fuzz/fuzz.h"
#include "tests/session-invariants.h"

#define SEC ((int64_t)1000000)
#define BEGAN ((int64_t)1800000000 * SEC)
/* The longest pause: all that is left of a session's life and grace, with jitter. */
#define PAUSE_MAX (13 * 60 * SEC)

struct play {
    struct session *session;
    int64_t now;
    uint32_t random;
};

static char *copy(const char *text)
{
    char *copied = strdup(text);

    if (!copied)
        abort();
    return copied;
}

static struct session *make(uint8_t kind)
{
    struct session *s = calloc(1, sizeof(*s));

    if (!s)
        abort();
    s->session_id = copy("sess");
    s->integration_type = copy("gmail");
    s->workspace_id = kind & 1 ? NULL : copy("ws_1");
    s->authorize_url = copy("https://example.org/authorize");
    s->created_at = s->began_at = BEGAN;
    s->expires_at = BEGAN + SESSION_LIFETIME_USEC;
    s->deadline = SESSION_LIFETIME_USEC;
    s->wake_at = INT64_MAX;
    return s;
}

static void handle(struct play *play, struct session_event event)
{
    struct session before = *play->session;

    event.now = play->now;
    event.realtime = BEGAN + play->now;
    event.random = play->random *= 2654435761U;
    struct session_effects effects = session_handle(play->session, &event);
    const char *broken = session_broken_invariant(play->session, &before, effects);
    if (broken)
        fuzz_broken(__FILE__, __LINE__, broken);
    if (!session_is_over(play->session) && !play->session->asking) {
        HOLDS(play->session->wake_at >= 0);
        HOLDS(play->session->wake_at - play->now <= PAUSE_MAX);
        HOLDS(play->session->trouble == NULL || play->session->failures > 0);
    }
}

static void answer(struct play *play, enum api_session_status status, char *text)
{
    const struct api_session reply = {.status = status,
        .connection_id = status == API_SESSION_COMPLETE ? text : NULL,
        .error = status == API_SESSION_ERROR ? text : NULL};

    if (play->session->asking && play->session->state == SESSION_PENDING)
        handle(play,
            (struct session_event){
                .type = SESSION_EVENT_STATUS, .status = &reply, .known_before = *text == 'k'});
}

static void ask_fails(struct play *play, uint8_t kind, char *text)
{
    static const struct {
        enum api_error_class class;
        int status;
        int64_t retry_after;
    } kinds[] = {
        {API_ERROR_NOT_FOUND, 404, -1},
        {API_ERROR_SERVER, 500, -1},
        {API_ERROR_RATE_LIMIT, 429, 0},
        {API_ERROR_RATE_LIMIT, 429, 30 * SEC},
        {API_ERROR_RATE_LIMIT, 429, 3600 * SEC},
        {API_ERROR_AUTHENTICATION, 401, -1},
        {API_ERROR_PERMISSION, 403, -1},
        {API_ERROR_CONNECTION, 0, -1},
        {API_ERROR_TIMEOUT, 0, -1},
        {API_ERROR_INVALID_REPLY, 200, -1},
        {API_ERROR_BAD_REQUEST, 400, -1},
        {API_ERROR_MEMORY, 0, -1},
    };
    size_t i = kind % ARRAY_SIZE(kinds);
    const struct api_error error = {.class = kinds[i].class,
        .status = kinds[i].status,
        .message = *text ? text : NULL,
        .retry_after_usec = kinds[i].retry_after};

    if (play->session->asking)
        handle(play, (struct session_event){.type = SESSION_EVENT_ASK_FAILED,
                         .request_error = &error,
                         .learned_workspace_id = *text == 'k' ? "ws_2" : NULL});
}

static void listed(struct play *play, uint8_t kind, char *text)
{
    static const int64_t times[] = {-1, 0, BEGAN - 1, BEGAN, BEGAN + 1, INT64_MAX};
    struct api_connection items[2] = {
        {.connection_id = text,
            .integration_type = kind & 1 ? copy("gmail") : copy("github"),
            .created_at_usec = times[kind % ARRAY_SIZE(times)],
            .updated_at_usec = times[kind / 2 % ARRAY_SIZE(times)]},
        {.connection_id = text,
            .integration_type = copy("gmail"),
            .created_at_usec = times[kind / 3 % ARRAY_SIZE(times)],
            .updated_at_usec = times[kind / 5 % ARRAY_SIZE(times)]},
    };
    const struct api_connections connections = {.items = items, .n = kind % 3};

    if (play->session->asking && play->session->state == SESSION_LOOKING && *text)
        handle(play,
            (struct session_event){.type = SESSION_EVENT_LISTED, .connections = &connections});
    free(items[0].integration_type);
    free(items[1].integration_type);
}

static void play_line(struct play *play, struct fuzz_input line)
{
    static const int64_t steps[] = {
        0, 1, SEC / 10, SEC, 2 * SEC, 5 * SEC, 10 * SEC, 60 * SEC, 9 * 60 * SEC, 11 * 60 * SEC};
    uint8_t letter = fuzz_byte(&line);
    uint8_t step = (uint8_t)(fuzz_byte(&line) - '0'), kind = (uint8_t)(fuzz_byte(&line) - '0');
    _cleanup_free_ char *text = fuzz_text(line.at, line.left);

    play->now += steps[step % ARRAY_SIZE(steps)];
    switch (letter) {
    case 't': /* at the time that was asked for */
        if (play->session->wake_at != INT64_MAX && play->session->wake_at > play->now)
            play->now = play->session->wake_at;
        handle(play, (struct session_event){.type = SESSION_EVENT_TIME});
        break;
    case 'T': /* or at any other */
        handle(play, (struct session_event){.type = SESSION_EVENT_TIME});
        break;
    case 'h':
        handle(play, (struct session_event){.type = SESSION_EVENT_HINT});
        break;
    case 'w':
        handle(play, (struct session_event){.type = SESSION_EVENT_WAKE});
        break;
    case 'i':
        handle(play, (struct session_event){.type = SESSION_EVENT_INTERVAL,
                         .idle_interval = (kind % 20 + 1) * SEC,
                         .interval = kind % 8 * kind * SEC / 10});
        break;
    case 'p':
        answer(play, API_SESSION_PENDING, text);
        break;
    case 'c':
        if (*text) /* the parser of replies lets no empty ID through */
            answer(play, API_SESSION_COMPLETE, text);
        break;
    case 'e':
        answer(play, API_SESSION_ERROR, text);
        break;
    case 'f':
        ask_fails(play, kind, text);
        break;
    case 'l':
        listed(play, kind, text);
        break;
    case 'x':
        handle(play, (struct session_event){.type = SESSION_EVENT_CANCEL});
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    uint8_t kind = fuzz_byte(&input);
    struct play play = {.session = make(kind), .random = kind | 1U};

    handle(&play, (struct session_event){.type = SESSION_EVENT_START});
    for (int i = 0; i < 300 && input.left > 0; i++)
        play_line(&play, fuzz_part(&input, '\n'));
    session_free(play.session);
    return 0;
}
