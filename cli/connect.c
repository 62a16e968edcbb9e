/* SPDX-License-Identifier: MIT */

/*
 * connect: one authorization, from the question to the connection ID. Two calls, one after the
 * other: CreateSession, then Poll, which tells every change. Meanwhile Ctrl-C cancels, and on a
 * terminal the time that is left counts down.
 */

#include "cli/outcome.h"
#include "cli/term.h"
#include "cli/text.h"
#include "cli/workspace.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#define TIMEOUT_DEFAULT_MSEC 300000

struct connecting {
    struct airstore_oauthd *oauthd;
    const struct arguments *arguments;
    int64_t deadline_usec; /* CLOCK_BOOTTIME */
    int64_t expires_usec;  /* CLOCK_REALTIME; of the session */
    char *name;            /* of the integration, for people */
    char *session_id;      /* once there is one */
    char *trouble;         /* as it was last told */
    bool joined;           /* somebody else had begun it */
    unsigned interrupts;   /* how often Ctrl-C was pressed */
    bool over;
    enum status status;
};

static void finish(struct connecting *connecting, enum status status)
{
    connecting->over = true;
    connecting->status = status;
}

/*
 * Over SSH, a browser would open in front of nobody, unless BROWSER leads back to the person as
 * remote editors have it. In every other case the daemon finds out whether there is a browser.
 */
static bool is_remote(void)
{
    const char *browser = getenv("BROWSER");

    return (getenv("SSH_CONNECTION") || getenv("SSH_TTY")) && !(browser && *browser);
}

/* ---- What is told --------------------------------------------------------------------------- */

/* Where to approve. The URL stands on a line of its own, so that it can be copied. */
static void tell_page(
    const struct connecting *connecting, const struct airstore_oauthd_reply *reply)
{
    const struct airstore_oauthd_session *session = reply->session;
    const char *integration = connecting->name;
    char began[TEXT_SIZE];

    if (reply->warning)
        say("Warning: %s", reply->warning);
    if (reply->browser_opened && !reply->existing) {
        say("Approve the access to %s in the browser window that has just opened.", integration);
        return;
    }
    if (reply->existing)
        say("An authorization of %s that began %s is under way; it goes on.", integration,
            time_relative(session->created_at_usec, timestamp_now(CLOCK_REALTIME), began));
    if (reply->browser_problem)
        say("No browser could be opened: %s", reply->browser_problem);
    if (reply->browser_opened)
        say("Approve the access in the browser window that opened then, or open its page again:");
    else
        say("To connect %s, open this page in a browser%s:", integration,
            reply->browser_problem || reply->existing ? "" : " on any device");
    if (session->authorize_url)
        say("%s", session->authorize_url);
}

static void tell_result(
    const struct connecting *connecting, const struct airstore_oauthd_reply *reply)
{
    const char *integration = connecting->name;

    if (reply->session->renewed == 1)
        say("%s was connected before; its connection has been renewed.", integration);
    else
        say("%s is connected.", integration);
}

static void tell_trouble(struct connecting *connecting, const char *trouble)
{
    if (trouble && !(connecting->trouble && streq(trouble, connecting->trouble)))
        say("Trouble at Airstore, which is asked again: %s", trouble);
    (void)string_replace(&connecting->trouble, trouble);
}

/* The time that is left, whichever ends first: the waiting or the session. */
static int64_t time_left(const struct connecting *connecting)
{
    int64_t waiting = connecting->deadline_usec - timestamp_now(CLOCK_BOOTTIME);
    int64_t session = connecting->expires_usec - timestamp_now(CLOCK_REALTIME);
    int64_t left = waiting < session ? waiting : session;

    return left > 0 ? left : 0;
}

static void tell_time_left(const struct connecting *connecting)
{
    int64_t seconds = (time_left(connecting) + USEC_PER_SEC - 1) / USEC_PER_SEC;

    live_show("%" PRId64 ":%02" PRId64 " left to approve %s in the browser. Ctrl-C %s.",
        seconds / 60, seconds % 60, connecting->name, connecting->joined ? "leaves" : "cancels");
}

/* ---- The two calls -------------------------------------------------------------------------- */

static void cancel_session(struct connecting *connecting)
{
    /* What became of it, Poll will say: it may have been completed just now. */
    (void)airstore_oauthd_cancel_session(connecting->oauthd, connecting->session_id, NULL, NULL);
}

static void on_change(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    struct connecting *connecting = userdata;
    const struct arguments *arguments = connecting->arguments;

    if (error) {
        finish(connecting, report_error(error, arguments));
        return;
    }
    if (reply->continues) {
        tell_trouble(connecting, reply->session->trouble);
        return;
    }
    tell_result(connecting, reply);
    int r = 0;
    if (arguments->json)
        r = print_json(airstore_oauthd_reply_json(reply));
    else
        print_line("%s", reply->session->connection_id);
    finish(connecting, r < 0 ? report_code(r) : STATUS_DONE);
}

static void on_created(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    struct connecting *connecting = userdata;

    if (error) {
        finish(connecting, report_error(error, connecting->arguments));
        return;
    }
    connecting->expires_usec = reply->session->expires_at_usec;
    connecting->joined = reply->existing;
    int r = string_replace(&connecting->session_id, reply->session->session_id);
    if (r >= 0) {
        int64_t left_usec = connecting->deadline_usec - timestamp_now(CLOCK_BOOTTIME);
        int64_t left_msec = left_usec > USEC_PER_MSEC ? left_usec / USEC_PER_MSEC : 1;
        r = airstore_oauthd_poll_async(connecting->oauthd, connecting->session_id, left_msec, -1,
            true, on_change, connecting, NULL);
    }
    if (r < 0) {
        finish(connecting, report_code(r));
        return;
    }
    if (connecting->interrupts > 0) {
        cancel_session(connecting);
        return;
    }
    tell_page(connecting, reply);
    if (!live_possible())
        say("Waiting for the approval. Ctrl-C %s.", connecting->joined ? "leaves" : "cancels");
}

/* ---- Waiting -------------------------------------------------------------------------------- */

static void on_signal(struct connecting *connecting, int signal_fd)
{
    struct signalfd_siginfo info;

    if (read(signal_fd, &info, sizeof(info)) != sizeof(info) || info.ssi_signo == SIGWINCH)
        return; /* the line is written anew in any case */
    if (++connecting->interrupts == 1 && connecting->joined) {
        say("Left. It goes on without this, as it was begun elsewhere; end it with: airstore-oauth "
            "cancel %s",
            connecting->arguments->operand);
        finish(connecting, STATUS_FAILED);
    } else if (connecting->interrupts > 1) {
        say("Left without waiting any longer. See what became of it with: airstore-oauth sessions");
        finish(connecting, STATUS_FAILED);
    } else if (connecting->session_id) {
        cancel_session(connecting);
    } else {
        say("Cancelling, as soon as Airstore has answered. Ctrl-C again leaves at once.");
    }
}

static int wait_once(struct connecting *connecting, int signal_fd)
{
    bool live = connecting->session_id && connecting->interrupts == 0 && live_possible();
    struct pollfd fds[] = {
        {.fd = airstore_oauthd_get_fd(connecting->oauthd),
            .events = (short)airstore_oauthd_get_events(connecting->oauthd)},
        {.fd = signal_fd, .events = POLLIN},
    };

    if (fds[0].fd < 0)
        return fds[0].fd;
    if (live)
        tell_time_left(connecting);
    if (poll(fds, ARRAY_SIZE(fds), live ? 1000 : -1) < 0 && errno != EINTR)
        return -errno;
    if (fds[1].revents)
        on_signal(connecting, signal_fd);
    return connecting->over ? 0 : airstore_oauthd_dispatch(connecting->oauthd);
}

static int catch_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGWINCH);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

/* "Gmail" for "gmail". What the daemon does not know, or cannot tell just now, is called by its
 * type. */
static char *find_name(struct airstore_oauthd *oauthd, const char *integration_type)
{
    struct airstore_oauthd_reply *reply = NULL;
    const char *name = integration_type;

    int r = airstore_oauthd_list_integrations(oauthd, &reply, NULL);
    for (size_t i = 0; r >= 0 && reply->integrations[i]; i++) {
        if (streq(reply->integrations[i]->integration_type, integration_type))
            name = reply->integrations[i]->name;
    }
    char *copy = strdup(name);
    airstore_oauthd_reply_free(reply);
    return copy;
}

static int begin(struct connecting *connecting)
{
    const struct arguments *arguments = connecting->arguments;
    bool no_browser = arguments->no_browser || is_remote();

    connecting->name = find_name(connecting->oauthd, arguments->operand);
    if (!connecting->name)
        return -ENOMEM;
    return airstore_oauthd_create_session_async(connecting->oauthd, arguments->operand,
        workspace_of(arguments), arguments->return_to, no_browser ? AIRSTORE_OAUTHD_NO_BROWSER : 0,
        on_created, connecting, NULL);
}

static enum status connect_integration(
    struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    long timeout = arguments->timeout_msec < 0 ? TIMEOUT_DEFAULT_MSEC : arguments->timeout_msec;
    struct connecting connecting = {
        .oauthd = oauthd,
        .arguments = arguments,
        .deadline_usec = timestamp_now(CLOCK_BOOTTIME) + timeout * USEC_PER_MSEC,
    };
    _cleanup_close_ int signal_fd = catch_signals();

    int r = signal_fd < 0 ? signal_fd : begin(&connecting);
    while (r >= 0 && !connecting.over)
        r = wait_once(&connecting, signal_fd);
    live_end();
    free(connecting.name);
    free(connecting.session_id);
    free(connecting.trouble);
    return r < 0 ? report_code(r) : connecting.status;
}

const struct verb verb_connect = {
    .name = "connect",
    .operand = "INTEGRATION",
    .summary = "connect an account, and print the connection's ID",
    .description =
        "Opens the browser so that you can approve the access, waits, and prints the ID of\n"
        "the connection. Over SSH, or where no browser opens, prints the page's address, which\n"
        "can be opened elsewhere. Ctrl-C cancels.",
    .options =
        (const struct option_entry[]){
            OPTION_PROFILE,
            OPTION_WORKSPACE,
            {"timeout", 0, "TIME", "how long to wait: 90s, 5m (the default), 1m30s",
                OPTION_DURATION, offsetof(struct arguments, timeout_msec)},
            {"no-browser", 0, NULL, "print the page's address and do not open a browser",
                OPTION_FLAG, offsetof(struct arguments, no_browser)},
            {"return-to", 0, "URL", "where the browser ends up after the approval", OPTION_STRING,
                offsetof(struct arguments, return_to)},
            OPTION_JSON,
            {0},
        },
    .run = connect_integration,
};
