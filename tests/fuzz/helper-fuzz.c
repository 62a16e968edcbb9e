/* SPDX-License-Identifier: MIT */

/*
 * The helper in the person's session, as a daemon sees it that has been taken over: it runs outside
 * of the daemon's sandbox, so what it can be made to do matters. The input is cut at bytes of 0xff:
 * first $BROWSER, then one step each, a letter and what it needs (play_step() has the list).
 *
 * Whatever is asked: only URLs that may be opened are, each as one argument of a command, or part
 * of it, that the person has chosen; every reply is Varlink to the letter; and when the daemon has
 * hung up and all has ended, nothing is left.
 */

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/virtual-time.h"

#include "daemon/desktop/notification.h"
#include "daemon/desktop/portal.h"
#include "daemon/desktop/service.h"
#include "daemon/list.h"
#include "lib/base/json.h"
#include "lib/base/program.h"
#include "lib/base/timestamp.h"
#include "lib/base/url.h"
#include "lib/varlink/message.h"

#include <errno.h>
#include <sys/socket.h>

#define STEPS_MAX 200
#define WORDS_MAX 33
#define URLS_MAX 32
#define MESSAGE_SIZE ((size_t)64 * 1024)

/* What was asked to be opened, and may be. */
static char *urls[URLS_MAX];
static unsigned n_urls;

static bool was_asked_for(const char *text, bool alone)
{
    for (unsigned i = 0; i < n_urls; i++) {
        if (alone ? streq(text, urls[i]) : strstr(text, urls[i]) != NULL)
            return true;
    }
    return n_urls == URLS_MAX; /* more than are remembered */
}

/* Commands */

int program_start(const char *const words[], struct program_files files, pid_t *ret_pid)
{
    static pid_t last = 1000;
    unsigned n = 0, with_url = 0;

    for (; words[n]; n++)
        with_url += was_asked_for(words[n], false);
    HOLDS(n >= 1 && n < WORDS_MAX && with_url >= 1);
    if (words[0][0] == '!') /* no such program */
        return -ENOENT;
    *ret_pid = ++last;
    return 0;
}

/* The portal */

struct opening {
    struct opening *previous, *next;
    void (*handler)(const char *problem, void *userdata);
    void *userdata;
};

static struct opening *openings;

int portal_open(sd_event *event, const char *url, bool start,
    void (*handler)(const char *problem, void *userdata), void *userdata)
{
    struct opening *opening = calloc(1, sizeof(*opening));

    HOLDS(opening && was_asked_for(url, true));
    opening->handler = handler;
    opening->userdata = userdata;
    LIST_ADD(openings, opening);
    return 0;
}

static bool answer_portal(const char *problem)
{
    struct opening *opening = openings;

    if (!opening)
        return false;
    const struct opening answered = *opening;
    LIST_REMOVE(openings, opening);
    free(opening);
    answered.handler(problem, answered.userdata);
    return true;
}

/* Notifications */

struct notification {
    struct notification *previous, *next;
    enum notification_kind kind;
    bool shown;
    void (*handler)(enum notification_news news, void *userdata);
    void *userdata;
};

static struct notification *notifications;

int notification_show(sd_event *event, const struct notification_text *text,
    void (*handler)(enum notification_news news, void *userdata), void *userdata,
    struct notification **ret)
{
    struct notification *notification = calloc(1, sizeof(*notification));

    HOLDS(notification && text->title);
    notification->kind = text->kind;
    notification->handler = handler;
    notification->userdata = userdata;
    LIST_ADD(notifications, notification);
    *ret = notification;
    return 0;
}

struct notification *notification_withdraw(struct notification *notification)
{
    if (notification) {
        LIST_REMOVE(notifications, notification);
        free(notification);
    }
    return NULL;
}

/* News of the newest one that could be true. */
static bool tell_notification(enum notification_news news)
{
    struct notification *notification = notifications;

    if (!notification)
        return false;
    if (!notification->shown && (news == NOTIFICATION_CLICKED || news == NOTIFICATION_CLOSED))
        news = NOTIFICATION_IS_SHOWN;
    if (notification->shown && news == NOTIFICATION_IS_SHOWN)
        news = NOTIFICATION_CLICKED;
    const struct notification told = *notification;
    notification->shown = true;
    if (news != NOTIFICATION_IS_SHOWN || notification->kind != NOTIFICATION_OPEN)
        notification_withdraw(notification);
    told.handler(news, told.userdata);
    return true;
}

/* The keyring is another library's business. */

static void no_keyring(struct varlink_call *call, const void *parameters, void *userdata)
{
    desktop_fail(call, "there is none here");
}

const struct varlink_method desktop_store_key = {.name = "StoreKey", .handle = no_keyring};
const struct varlink_method desktop_look_up_key = {.name = "LookUpKey", .handle = no_keyring};
const struct varlink_method desktop_clear_key = {.name = "ClearKey", .handle = no_keyring};

/* The daemon */

static sd_event *event;
static struct desktop desktop;
static int daemon_fd;
static struct buffer said, told;
static unsigned calls, replies;

static void is_a_reply(const char *text, size_t size)
{
    static const char *const errors[] = {
        "ai.airstore.Desktop.Unavailable",
        "ai.airstore.Desktop.InvalidURL",
        "ai.airstore.Desktop.Closed",
        "org.varlink.service.",
    };
    _cleanup_json_ struct json_object *object = NULL;
    struct varlink_reply_message message;
    bool known = false;

    if (getenv("FUZZ_VERBOSE"))
        fprintf(stderr, "<- %s\n", text);
    HOLDS(json_parse(text, size, &object) == 0);
    HOLDS(varlink_reply_parse(object, &message) == 0 && !message.continues);
    for (size_t i = 0; message.error && i < ARRAY_SIZE(errors); i++)
        known |= strncmp(message.error, errors[i], strlen(errors[i])) == 0;
    HOLDS(known || !message.error);
    /* Whoever has the URL acts for the person: what went wrong is told without it. */
    if (message.error && streq(message.error, errors[0]))
        HOLDS(n_urls == URLS_MAX || !was_asked_for(text, false));
    replies++;
    HOLDS(replies <= calls + (said.size > MESSAGE_SIZE));
}

static void listen_to_replies(void)
{
    char part[8192];
    const char *end;
    ssize_t n;

    while (daemon_fd >= 0 && (n = recv(daemon_fd, part, sizeof(part), MSG_DONTWAIT)) > 0)
        HOLDS(buffer_append(&told, part, (size_t)n) == 0);
    while (told.size > 0 && (end = memchr(told.data, '\0', told.size))) {
        size_t length = (size_t)(end - told.data);
        is_a_reply(told.data, length);
        buffer_consume(&told, length + 1);
    }
}

static bool settle(void)
{
    for (int i = 0, idle = 0; idle < 2; i++) {
        HOLDS(i < 20000);
        int r = sd_event_run(event, 0);
        HOLDS(r >= 0);
        listen_to_replies();
        idle = r > 0 ? 0 : idle + 1;
    }
    return true;
}

/* One call of the daemon's: what it asks to be opened, and whether it wants a reply. */
static void count_call(const struct buffer *text)
{
    _cleanup_json_ struct json_object *object = NULL;
    struct json_object *url = NULL;
    struct varlink_call_message call;

    if (json_parse(text->data, text->size, &object) < 0 || varlink_call_parse(object, &call) < 0)
        return;
    calls += !call.oneway;
    if (!call.parameters || !json_object_object_get_ex(call.parameters, "url", &url) ||
        !json_object_is_type(url, json_type_string))
        return;
    if (n_urls < URLS_MAX && !url_problem(json_object_get_string(url)))
        urls[n_urls++] = strdup(json_object_get_string(url));
}

static void say_bytes(struct fuzz_input bytes)
{
    ssize_t n = daemon_fd >= 0 && bytes.left > 0
                    ? send(daemon_fd, bytes.at, bytes.left, MSG_NOSIGNAL | MSG_DONTWAIT)
                    : 0;

    for (ssize_t i = 0; i < n; i++) {
        if (bytes.at[i] != '\0') {
            HOLDS(buffer_append(&said, bytes.at + i, 1) == 0);
        } else if (said.size > 0) {
            count_call(&said);
            buffer_clear(&said);
        }
    }
}

static void hang_up(void)
{
    if (daemon_fd >= 0)
        close(TAKE_FD(daemon_fd));
}

static void play_step(struct fuzz_input step)
{
    switch (fuzz_byte(&step)) {
    case 'd': /* the daemon says something, or hangs up */
        say_bytes(step);
        break;
    case 'x':
        hang_up();
        break;
    case 'e': /* a command ends */
        (void)virtual_child_end((uint8_t)(fuzz_byte(&step) - '0'), false);
        break;
    case 'k':
        (void)virtual_child_end(9, true);
        break;
    case 't': /* time passes */
        virtual_time_pass(2 * USEC_PER_SEC, settle);
        break;
    case 'p': /* the portal answers */
        (void)answer_portal(NULL);
        break;
    case 'P':
        (void)answer_portal("there is none");
        break;
    case 'n': /* the person looks at a notification */
        (void)tell_notification(fuzz_byte(&step) % 4);
        break;
    default:
        break;
    }
    (void)settle();
    virtual_time_pass(0, settle);
}

/* Everything that was begun comes to its end, one way or the other. */
static void end_all(void)
{
    hang_up();
    (void)settle();
    for (int i = 0; i < 10000 && desktop.n_busy > 0; i++) {
        (void)(answer_portal(NULL) || tell_notification(NOTIFICATION_CLOSED));
        virtual_time_pass(2 * USEC_PER_SEC, settle);
        (void)settle();
    }
    HOLDS(desktop.n_busy == 0 && varlink_server_connections(desktop.server) == 0);
    while (virtual_child_end(0, false))
        (void)settle();
    HOLDS(!openings && !notifications);
}

static void begin(struct varlink_interface *interface)
{
    static const struct varlink_about about = {"Airstore", "helper", "0", "https://airstore.ai"};
    static const struct varlink_limits limits = {
        .connections = 1,
        .connections_per_peer = 1,
        .message_size = MESSAGE_SIZE,
        .queued_replies = MESSAGE_SIZE,
        .error = "ai.airstore.Desktop.Unavailable",
    };
    int pair[2];

    virtual_time_begin();
    calls = replies = 0;
    HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    daemon_fd = pair[0];
    HOLDS(sd_event_new(&event) >= 0);
    desktop = (struct desktop){.event = event};
    desktop_interface(&desktop, "", interface);
    HOLDS(varlink_server_new(event, &about, &limits, &desktop.server) == 0);
    HOLDS(varlink_server_add_interface(desktop.server, interface) == 0);
    HOLDS(varlink_server_connect(desktop.server, pair[1], false) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    _cleanup_free_ char *browser = fuzz_text_part(&input, 0xff);
    struct varlink_interface interface;

    if (fuzz_knows_secret(data, size))
        return 0;
    setenv("XDG_CONFIG_HOME", fuzz_directory(), 1);
    setenv("BROWSER", browser, 1);
    begin(&interface);
    for (int i = 0; i < STEPS_MAX && input.left > 0; i++)
        play_step(fuzz_part(&input, 0xff));
    end_all();
    varlink_server_free(desktop.server);
    sd_event_unref(event);
    HOLDS(virtual_time_timers() == 0);
    while (n_urls > 0)
        free(urls[--n_urls]);
    buffer_clear(&said);
    buffer_clear(&told);
    return 0;
}
