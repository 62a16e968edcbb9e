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
#include "tests/fuzz/peer.h"
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
static void is_a_reply(
    struct peer *peer, const char *text, const struct varlink_reply_message *message)
{
    static const char *const errors[] = {
        "ai.airstore.Desktop.Unavailable",
        "ai.airstore.Desktop.InvalidURL",
        "ai.airstore.Desktop.Closed",
        "org.varlink.service.",
    };
    bool known = false;

    HOLDS(!message->continues);
    for (size_t i = 0; message->error && i < ARRAY_SIZE(errors); i++)
        known |= strncmp(message->error, errors[i], strlen(errors[i])) == 0;
    HOLDS(known || !message->error);
    /* Whoever has the URL acts for the person: what went wrong is told without it. */
    if (message->error && streq(message->error, errors[0]))
        HOLDS(n_urls == URLS_MAX || !was_asked_for(text, false));
    HOLDS(peer->replies <= peer->calls + (peer->out.size > MESSAGE_SIZE));
}

/* What the daemon asks to be opened. */
static void remember_url(const struct varlink_call_message *call)
{
    struct json_object *url = NULL;

    if (!call->parameters || !json_object_object_get_ex(call->parameters, "url", &url) ||
        !json_object_is_type(url, json_type_string))
        return;
    if (n_urls < URLS_MAX && !url_problem(json_object_get_string(url)))
        urls[n_urls++] = strdup(json_object_get_string(url));
}

static struct peer peer = {.fd = -1, .on_call = remember_url, .on_reply = is_a_reply};

static bool settle(void)
{
    return peers_settle(&peer, 1, event);
}

static void play_step(struct fuzz_input step)
{
    switch (fuzz_byte(&step)) {
    case 'd': /* the daemon says something, or hangs up */
        peer_say(&peer, step.at, step.left);
        break;
    case 'x':
        peer_hang_up(&peer);
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
    peer_hang_up(&peer);
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
    HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    peer.fd = pair[0];
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
    return 0;
}
