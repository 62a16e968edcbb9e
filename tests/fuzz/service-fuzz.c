/* SPDX-License-Identifier: MIT */

/*
 * The whole daemon but for what it talks to: the real server, service, sessions, creations,
 * connections, callbacks and manager, with programs on real sockets, and an Airstore, a browser, a
 * disk and a clock that do what the input says. The input is cut at bytes of 0xff, which no UTF-8
 * has: first the configuration ("#" and its number) and what an earlier run has left
 * (fake-store.c), then one step each, a letter and what it needs (play_step() has the list).
 *
 * After each step: whatever a program was told is Varlink to the letter and understood by our own
 * library, there is no reply without a call, no secret anywhere, and a connection is on the disk
 * before anybody hears of it. In the end the daemon still answers, and when time passes every
 * session ends.
 */

#include "tests/fuzz/fake-parts.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/peer.h"
#include "tests/fuzz/virtual-time.h"

#include "daemon/manager.h"
#include "lib/base/json.h"
#include "lib/base/timestamp.h"
#include "lib/oauthd/reply.h"
#include "lib/varlink/message.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define PROGRAMS 4 /* the last one is on the socket that only gives information */
#define RESTRICTED (PROGRAMS - 1)
#define CONTROL PROGRAMS /* one more, which behaves well */
#define CROWD_MAX 8
#define STEPS_MAX 200
#define IDLE_USEC ((uint64_t)60 * 1000000)

static struct config config;
static sd_event *event;
static struct manager *manager;
static struct peer programs[PROGRAMS + 1];
static struct buffer control_reply; /* the last one */
static int crowd[CROWD_MAX];        /* of programs that say nothing */
static unsigned n_crowd;
static bool draining;
static unsigned n_created; /* sessions */
static struct sockaddr_un addresses[2];
static socklen_t address_sizes[2];

/* The configuration */

static void write_config(uint8_t which)
{
#define PROFILE "[profile work]\nworkspace=ws_2\napi-key-file=~/airstore-oauthd/api-key\n"
#define LIMITS "[limits]\nconnections=8\npending-sessions=4\n"
    static const struct {
        const char *text, *key;
    } files[] = {
        {"[airstore]\nbase-url=https://api.airstore.example/v1\nworkspace=ws_1\n" PROFILE LIMITS,
            FUZZ_SECRET},
        {"[airstore]\nbase-url=https://b.airstore.example/v1\nworkspace=ws_1\n" PROFILE LIMITS,
            FUZZ_SECRET}, /* another server */
        {"[airstore]\nbase-url=https://api.airstore.example/v1\n" LIMITS, FUZZ_SECRET},
        {"[airstore]\nbase-url=https://api.airstore.example/v1\n" PROFILE LIMITS, "none"},
        {"[airstore]\nworkspace=ws 1\n", FUZZ_SECRET}, /* a mistake */
        {"[airstore]\nbase-url=https://api.airstore.example/v1\nworkspace=ws_1\n" PROFILE LIMITS,
            "keyring"},
    };
#undef PROFILE
#undef LIMITS
    const char *text = files[which % ARRAY_SIZE(files)].text;
    const char *key = files[which % ARRAY_SIZE(files)].key;

    free(fuzz_file("airstore-oauthd/airstore-oauthd.conf", text, strlen(text)));
    free(fuzz_file("airstore-oauthd/api-key", key, strlen(key)));
}

static void read_config(uint8_t which)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/airstore-oauthd", fuzz_directory());
    if (mkdir(path, 0700) == 0) {
        setenv("XDG_CONFIG_HOME", fuzz_directory(), 1);
        setenv("HOME", fuzz_directory(), 1);
        setenv("STATE_DIRECTORY", fuzz_directory(), 1);
        unsetenv("CREDENTIALS_DIRECTORY");
        unsetenv("AIRSTORE_BASE_URL");
        unsetenv("AIRSTORE_WORKSPACE_ID");
        unsetenv("AIRSTORE_API_KEY");
        unsetenv("NOTIFY_SOCKET");
        unsetenv("BROWSER");
    }
    write_config(which);
    HOLDS(config_read("unix:/run/x", &config) == 0);
}

/* The loop */

static bool has_left(void)
{
    int code;

    return sd_event_get_exit_code(event, &code) >= 0;
}

/* Before the disk has it, nobody has heard of it: what was told until now is looked at now. */
static void before_saving(void)
{
    for (size_t i = 0; i <= PROGRAMS; i++)
        peer_listen(&programs[i]);
}

/* Runs what can be run without time passing. False once the daemon has left. */
static bool settle(void)
{
    return peers_settle(programs, ARRAY_SIZE(programs), event);
}

/* What programs are told */

static bool is_known_error(const char *name)
{
    static const char *const names[] = {
        "ai.airstore.OAuth.NotConfigured",
        "ai.airstore.OAuth.InvalidIntegration",
        "ai.airstore.OAuth.InvalidConfiguration",
        "ai.airstore.OAuth.NoSuchSession",
        "ai.airstore.OAuth.NoSuchConnection",
        "ai.airstore.OAuth.AuthorizationFailed",
        "ai.airstore.OAuth.TimedOut",
        "ai.airstore.OAuth.LimitReached",
        "ai.airstore.OAuth.ApiError",
        "ai.airstore.OAuth.Unreachable",
        "org.varlink.service.InterfaceNotFound",
        "org.varlink.service.MethodNotFound",
        "org.varlink.service.MethodNotImplemented",
        "org.varlink.service.InvalidParameter",
        "org.varlink.service.PermissionDenied",
        "org.varlink.service.ExpectedMore",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (streq(names[i], name))
            return true;
    }
    return false;
}

static void is_a_told_session(const struct airstore_oauthd_session *s, bool restricted)
{
    HOLDS(!restricted || !s->authorize_url);
    HOLDS(s->status == AIRSTORE_OAUTHD_PENDING || !s->authorize_url);
    HOLDS((s->status == AIRSTORE_OAUTHD_COMPLETE) == (s->connection_id != NULL));
    HOLDS((s->status == AIRSTORE_OAUTHD_ERROR) == (s->failure != AIRSTORE_OAUTHD_FAILURE_NONE));
    /* Committed before told; a full disk is no reason for silence. */
    if (s->connection_id && !fake_store_has_failed())
        HOLDS(fake_store_has(s->connection_id));
}

/* By the library that programs use. The replies of org.varlink.service are not its business. */
static void is_understood(const struct varlink_reply_message *message, bool restricted)
{
    _cleanup_(airstore_oauthd_reply_freep) struct airstore_oauthd_reply *reply = NULL;
    struct json_object *parameters = message->parameters;
    bool status = parameters && json_object_object_get_ex(parameters, "uptime", NULL);

    if (parameters && (json_object_object_get_ex(parameters, "vendor", NULL) ||
                          json_object_object_get_ex(parameters, "description", NULL)))
        return;
    HOLDS(reply_parse(parameters, message->continues, status ? "version" : NULL, &reply) == 0);
    if (reply->session)
        is_a_told_session(reply->session, restricted);
    for (size_t i = 0; reply->sessions && reply->sessions[i]; i++)
        is_a_told_session(reply->sessions[i], restricted);
}

static void is_a_reply(
    struct peer *peer, const char *text, const struct varlink_reply_message *message)
{
    /* One that is too long is refused before it is whole. */
    HOLDS(peer->replies <= peer->calls + (peer->out.size > 65536 || n_crowd > 0));
    if (message->error)
        HOLDS(is_known_error(message->error));
    else
        is_understood(message, peer == &programs[RESTRICTED]);
    if (peer != &programs[CONTROL])
        return;
    buffer_clear(&control_reply);
    HOLDS(buffer_append(&control_reply, text, strlen(text)) == 0);
}

/* Programs */

static int listening(unsigned which)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t *size = &address_sizes[which];

    addresses[which] = (struct sockaddr_un){.sun_family = AF_UNIX};
    *size = sizeof(sa_family_t); /* the kernel chooses an abstract name */
    HOLDS(fd >= 0 && bind(fd, (struct sockaddr *)&addresses[which], *size) == 0);
    HOLDS(listen(fd, PROGRAMS + CROWD_MAX + 1) == 0);
    *size = sizeof(addresses[which]);
    HOLDS(getsockname(fd, (struct sockaddr *)&addresses[which], size) == 0);
    return fd;
}

static int connect_to(unsigned which)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    HOLDS(fd >= 0);
    HOLDS(connect(fd, (struct sockaddr *)&addresses[which], address_sizes[which]) == 0);
    return fd;
}

static void disperse(void)
{
    while (n_crowd > 0)
        close(crowd[--n_crowd]);
}

static bool connected(size_t i)
{
    if (programs[i].fd >= 0)
        return true;
    programs[i].fd = connect_to(i == RESTRICTED);
    (void)settle();
    return programs[i].fd >= 0;
}

static void say_bytes(size_t i, const void *bytes, size_t size)
{
    if (connected(i))
        peer_say(&programs[i], bytes, size);
}

/* A call of one that behaves well: the last reply to it. */
static const char *ask(const char *call)
{
    buffer_clear(&control_reply);
    say_bytes(CONTROL, call, strlen(call) + 1);
    (void)settle();
    HOLDS(has_left() || (programs[CONTROL].fd >= 0 && control_reply.size > 0));
    return has_left() ? NULL : control_reply.data;
}

/* Steps */

static void answer_text(unsigned i, const char *status, const char *body)
{
    char reply[1024];
    int n = snprintf(reply, sizeof(reply), "HTTP/1.1 %s\nDate: Fri, 15 Jan 2027 08:00:00 GMT\n\n%s",
        status, body);

    fake_airstore_answer(i, reply, (size_t)n);
}

/* The answers that Airstore gives every day. */
static void answer(unsigned i, uint8_t letter)
{
    static const char created[] = "{\"success\":true,\"data\":{\"session_id\":\"sess_%u\","
                                  "\"authorize_url\":\"https://a.example/authorize\"}}";
    char body[256];

    switch (letter) {
    case 'C':
        snprintf(body, sizeof(body), created, ++n_created % 10);
        answer_text(i, "200 OK", body);
        break;
    case 'P':
        answer_text(i, "200 OK", "{\"data\":{\"status\":\"pending\"}}");
        break;
    case 'D':
        answer_text(
            i, "200 OK", "{\"data\":{\"status\":\"complete\",\"connection_id\":\"conn_1\"}}");
        break;
    case 'E':
        answer_text(i, "200 OK", "{\"status\":\"error\",\"error\":\"google: access_denied\"}");
        break;
    case 'N':
        answer_text(i, "404 Not Found", "{\"error\":\"no such session\"}");
        break;
    case 'L':
        answer_text(i, "200 OK",
            "{\"data\":[{\"external_id\":\"conn_2\",\"workspace_id\":\"ws_1\",\"integration_type\":"
            "\"gmail\",\"updated_at\":\"2027-01-15T08:00:30Z\"}]}");
        break;
    default:
        answer_text(i, "200 OK", "{\"data\":[]}");
        break;
    }
}

static void play_step(struct fuzz_input step)
{
    static const int64_t pauses[] = {0, 1, USEC_PER_SEC / 10, USEC_PER_SEC, 2 * USEC_PER_SEC,
        10 * USEC_PER_SEC, 60 * USEC_PER_SEC, 9 * USEC_PER_MINUTE, 11 * USEC_PER_MINUTE,
        24 * 60 * USEC_PER_MINUTE};
    uint8_t letter = fuzz_byte(&step);
    _cleanup_free_ char *text = NULL;

    switch (letter) {
    case '0': /* a program says something */
    case '1':
    case '2':
    case '3':
        say_bytes(letter - '0', step.at, step.left);
        break;
    case 'm': /* the same 64 times */
        letter = fuzz_byte(&step);
        for (int i = 0; i < 64; i++)
            say_bytes(letter % PROGRAMS, step.at, step.left);
        break;
    case 'B': /* something without end */
        letter = fuzz_byte(&step) % PROGRAMS;
        for (int i = 0; i < 20; i++) {
            static const uint8_t endless[4096] = {[0 ... 4095] = 'x'};
            say_bytes(letter, endless, sizeof(endless));
            (void)settle();
        }
        break;
    case 's': /* no longer reads, or does again */
        letter = fuzz_byte(&step) % PROGRAMS;
        programs[letter].deaf = !programs[letter].deaf;
        break;
    case 'c': /* more and more programs */
        if (n_crowd < CROWD_MAX)
            crowd[n_crowd++] = connect_to(0);
        break;
    case 'x': /* and hangs up, or says that it has said all */
        peer_hang_up(&programs[fuzz_byte(&step) % PROGRAMS]);
        break;
    case 'h':
        (void)shutdown(programs[fuzz_byte(&step) % PROGRAMS].fd, SHUT_WR);
        break;
    case 'a': /* Airstore answers, or cannot be reached */
        letter = fuzz_byte(&step);
        fake_airstore_answer(letter % 4, step.at, step.left);
        break;
    case 'C':
    case 'P':
    case 'D':
    case 'E':
    case 'N':
    case 'L':
    case 'M':
        answer(fuzz_byte(&step) % 4, letter);
        break;
    case 'f':
        fake_airstore_fail(fuzz_byte(&step) % 4);
        break;
    case 'b': /* a browser comes back, or is opened, or not */
        text = fuzz_text(step.at, step.left);
        fake_browser_visit(*text ? text : NULL);
        break;
    case 'o':
        fake_desktop_answer(NULL, true);
        break;
    case 'O':
        fake_desktop_answer("there is no browser", false);
        break;
    case 'k': /* or there is no key */
        fake_desktop_answer(NULL, false);
        break;
    case 't': /* time passes */
        virtual_time_pass(pauses[(uint8_t)(fuzz_byte(&step) - '0') % ARRAY_SIZE(pauses)], settle);
        break;
    case 'T':
        if (virtual_time_next() >= 0)
            virtual_time_pass(virtual_time_next(), settle);
        break;
    case 'w':
        fake_wakeup();
        break;
    case 'd': /* the disk fills up, or there is room again */
        fake_store_fail(fuzz_byte(&step) % 2);
        break;
    case 'r': /* another configuration */
        write_config((uint8_t)(fuzz_byte(&step) - '0'));
        if (manager_reload(manager, &text) < 0)
            HOLDS(text && *text && !strstr(text, FUZZ_SECRET));
        break;
    case 'q':
        if (!draining) /* as main.c has it */
            manager_drain(manager);
        draining = true;
        break;
    default:
        break;
    }
    if (settle())
        virtual_time_pass(0, settle);
}

/* The end */

static void still_answers(void)
{
    const char *reply;

    for (size_t i = 0; i < PROGRAMS; i++)
        peer_hang_up(&programs[i]);
    disperse();
    (void)settle();
    fake_store_fail(false);
    reply = ask("{\"method\":\"ai.airstore.OAuth.GetStatus\"}");
    HOLDS(!reply || strstr(reply, "\"pending_sessions\":"));
    reply = ask("{\"method\":\"ai.airstore.OAuth.ListSessions\"}");
    HOLDS(!reply || strstr(reply, "\"sessions\":"));
    reply = ask("{\"method\":\"ai.airstore.OAuth.ListConnections\"}");
    HOLDS(!reply || strstr(reply, "\"connections\":") || strstr(reply, "InvalidConfiguration"));
}

/* Airstore knows of nothing, or cannot be reached any more, and time passes. */
static void every_session_ends(bool reachable)
{
    const char *reply = NULL;
    char *mistakes = NULL;

    write_config(0); /* while there is a mistake, sessions stay as they are */
    HOLDS(manager_reload(manager, &mistakes) == 0);
    for (int i = 0; i < 600 && !has_left(); i++) {
        fake_desktop_answer(NULL, true);
        (void)settle();
        while (!has_left() && fake_airstore_requests() > 0) {
            if (!reachable)
                fake_airstore_fail(0);
            else if (fake_airstore_is_list(0))
                answer_text(0, "200 OK", "{\"data\":[]}");
            else
                answer_text(0, "404 Not Found", "{}");
            (void)settle();
        }
        reply = ask("{\"method\":\"ai.airstore.OAuth.GetStatus\"}");
        if (!reply || strstr(reply, "\"pending_sessions\":0"))
            return;
        virtual_time_pass(5 * USEC_PER_SEC, settle);
    }
    HOLDS(has_left());
}

static void begin(struct fuzz_input rows)
{
    uint8_t which = 0;

    if (rows.left > 0 && *rows.at == '#') {
        (void)fuzz_byte(&rows);
        which = (uint8_t)(fuzz_byte(&rows) - '0');
    }
    fake_parts_begin(rows, before_saving);
    virtual_time_begin();
    read_config(which);
    n_created = 0;
    draining = false;
    for (size_t i = 0; i <= PROGRAMS; i++)
        programs[i] = (struct peer){.fd = -1, .on_reply = is_a_reply};
    HOLDS(sd_event_new(&event) >= 0);
    HOLDS(manager_new(event, &config, &manager) == 0);
    HOLDS(manager_listen(manager, listening(0), false) == 0);
    HOLDS(manager_listen(manager, listening(1), true) == 0);
    HOLDS(manager_leave_when_idle(manager, IDLE_USEC) == 0);
}

static void end(void)
{
    manager_free(manager);
    for (size_t i = 0; i <= PROGRAMS; i++) {
        peer_listen(&programs[i]);
        peer_hang_up(&programs[i]);
    }
    buffer_clear(&control_reply);
    disperse();
    sd_event_unref(event);
    config_clear(&config);
    HOLDS(virtual_time_timers() == 0);
    fake_parts_end();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};

    if (fuzz_knows_secret(data, size))
        return 0;
    begin(fuzz_part(&input, 0xff));
    (void)settle();
    for (int i = 0; i < STEPS_MAX && input.left > 0 && !has_left(); i++)
        play_step(fuzz_part(&input, 0xff));
    if (draining) {
        virtual_time_pass(10 * USEC_PER_SEC, settle);
        HOLDS(has_left());
    }
    if (!has_left())
        still_answers();
    if (!has_left())
        every_session_ends(size % 2);
    end();
    return 0;
}
