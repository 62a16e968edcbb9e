/* SPDX-License-Identifier: MIT */

/*
 * connect: one authorization, from the question to the connection ID. It is said what is going to
 * happen; then come two calls, one after the other: CreateSession, and Poll, which tells every
 * change. Meanwhile Ctrl-C cancels, and on a terminal the time that is left counts down.
 */

#include "cli/browser.h"
#include "cli/choose.h"
#include "cli/connect-tell.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/qr.h"
#include "cli/screen.h"
#include "cli/term.h"
#include "cli/workspace.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#define TIMEOUT_DEFAULT_MSEC 300000

/* How long Airstore is asked, at most, whether there is a connection that will be renewed. */
#define LOOK_USEC (2 * USEC_PER_SEC)

/* How the page comes before the person. */
enum way {
    WAY_DAEMON,  /* the daemon has it opened in the browser of the desktop */
    WAY_HERE,    /* with the BROWSER of this terminal, which leads back to the person over SSH */
    WAY_PRINTED, /* it is printed, for a browser anywhere */
};

struct connecting {
    struct airstore_oauthd *oauthd;
    const struct arguments *arguments;
    enum way way;
    struct plan plan;
    struct airstore_oauthd_call *look; /* at Airstore's list, before anything is done */
    int64_t look_until_usec;           /* CLOCK_BOOTTIME, as the next */
    int64_t deadline_usec;
    int64_t expires_usec; /* CLOCK_REALTIME; of the session */
    char *session_id;     /* once there is one */
    char *authorize_url;
    char *trouble;          /* as it was last told */
    struct browser browser; /* opened from here */
    bool code_awaits_room;  /* the window was too small for the QR code */
    bool returned;          /* the browser has come back from Airstore */
    bool joined;            /* somebody else had begun it */
    unsigned interrupts;    /* how often Ctrl-C was pressed */
    bool over;
    enum status status;
};

static void finish(struct connecting *connecting, enum status status)
{
    connecting->over = true;
    connecting->status = status;
}

static enum way choose_way(const struct arguments *arguments)
{
    if (arguments->no_browser || !screen_has_browser())
        return WAY_PRINTED;
    return screen_is_remote() ? WAY_HERE : WAY_DAEMON;
}

static const char *what_interrupting_does(const struct connecting *connecting)
{
    return connecting->joined ? "leaves" : "cancels";
}

/* ---- The calls ------------------------------------------------------------------------------ */

/* What became of it, Poll will say: it may have been completed just now. */
static void on_cancelled(struct airstore_oauthd_call *call,
    const struct airstore_oauthd_reply *reply, const struct airstore_oauthd_error *error,
    void *userdata)
{
}

/* Without waiting, so that a second Ctrl-C is heard whatever the daemon does. */
static void cancel_session(struct connecting *connecting)
{
    int r = airstore_oauthd_cancel_session_async(
        connecting->oauthd, connecting->session_id, on_cancelled, NULL, NULL);

    if (r >= 0)
        return;
    finish(connecting, report_code(r));
    advise("It goes on. End it with: airstore-oauth cancel %s", connecting->session_id);
}

/* What somebody else has begun is not ours to cancel. */
static void leave(struct connecting *connecting)
{
    complain("Left. It goes on without this, as it was begun earlier.");
    advise("End it with: airstore-oauth cancel %s", connecting->session_id);
    finish(connecting, STATUS_FAILED);
}

static void tell_trouble(struct connecting *connecting, const char *trouble)
{
    if (trouble && !(connecting->trouble && streq(trouble, connecting->trouble)))
        say("Trouble at Airstore, which is asked again: %s", trouble);
    (void)string_replace(&connecting->trouble, trouble);
}

/* The daemon is gone, but what it has begun is on the disk. */
static void tell_kept(
    const struct connecting *connecting, const struct airstore_oauthd_error *error)
{
    char options[OPTIONS_SIZE];

    if (error->name || !(connecting->session_id || error->code == -ECONNRESET))
        return;
    advise("What was begun is kept; go on with it then: airstore-oauth connect %s%s",
        connecting->arguments->operand, options_again(connecting->arguments, options));
}

/* It could not be begun, or not be followed to its end. */
static void fail(struct connecting *connecting, const struct airstore_oauthd_error *error)
{
    finish(connecting, report_error(error, connecting->arguments));
    tell_kept(connecting, error);
}

static void on_change(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    struct connecting *connecting = userdata;
    int r = 0;

    if (error) {
        fail(connecting, error);
        return;
    }
    if (reply->continues) {
        connecting->returned = reply->session->returned;
        tell_trouble(connecting, reply->session->trouble);
        return;
    }
    tell_result(&connecting->plan, reply->session);
    if (connecting->arguments->json)
        r = print_json(airstore_oauthd_reply_json(reply));
    else
        print_line("%s", reply->session->connection_id);
    finish(connecting, r < 0 ? report_code(r) : STATUS_DONE);
}

/* Whether a browser may be sent to this computer in the end, by what somebody else has begun. */
static bool comes_back(const struct connecting *connecting)
{
    struct airstore_oauthd_reply *reply = NULL;
    bool listens = true;

    if (airstore_oauthd_get_status(connecting->oauthd, &reply, NULL) >= 0)
        listens = reply->status->callback_address;
    airstore_oauthd_reply_free(reply);
    return listens;
}

/* The page, since nobody sees it otherwise. Where the browser would come back to this computer, as
 * it does when the daemon was to open one, it has to be one of this computer. */
static void show_page(struct connecting *connecting)
{
    bool elsewhere = connecting->way != WAY_DAEMON;

    say("To connect %s, open this page in a browser%s:", connecting->plan.name,
        elsewhere && !(connecting->joined && comes_back(connecting)) ? " on any device" : "");
    say_link(connecting->authorize_url);
    if (elsewhere)
        connecting->code_awaits_room = qr_say(connecting->authorize_url, true);
}

/* Brings the page before the person, as far as the daemon has not done so. */
static void present(struct connecting *connecting, const struct airstore_oauthd_reply *created)
{
    bool wanted = !created->browser_opened && connecting->way != WAY_PRINTED;

    tell_session(&connecting->plan, created);
    if (created->browser_opened && created->existing && connecting->authorize_url) {
        say("Approve the access in the browser window that opened then, or open its page again:");
        say_link(connecting->authorize_url);
    } else if (created->browser_opened ||
               (wanted && browser_open(&connecting->browser, connecting->authorize_url) >= 0)) {
        tell_opened(&connecting->plan);
    } else {
        if (wanted)
            say("No browser could be opened: %s.", created->browser_problem
                                                       ? created->browser_problem
                                                       : browser_problem(&connecting->browser));
        show_page(connecting);
    }
}

static int remember(struct connecting *connecting, const struct airstore_oauthd_reply *created)
{
    const struct airstore_oauthd_session *session = created->session;

    connecting->expires_usec = session->expires_at_usec;
    connecting->joined = created->existing;
    int r = string_replace(&connecting->authorize_url, session->authorize_url);
    return r < 0 ? r : string_replace(&connecting->session_id, session->session_id);
}

static void on_created(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    struct connecting *connecting = userdata;

    if (error) {
        fail(connecting, error);
        return;
    }
    int r = remember(connecting, reply);
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
    if (connecting->interrupts > 0 && connecting->joined) {
        leave(connecting);
        return;
    }
    if (connecting->interrupts > 0) {
        cancel_session(connecting);
        return;
    }
    if (reply->browser_opened || connecting->authorize_url) /* else it has ended already */
        present(connecting, reply);
    if (connecting->authorize_url && !live_possible())
        say("Waiting for the approval. Ctrl-C %s.", what_interrupting_does(connecting));
}

static int create_session(struct connecting *connecting)
{
    const struct arguments *arguments = connecting->arguments;

    if (!connecting->plan.untold)
        tell_plan(&connecting->plan, profile_of(arguments));
    live_show("Asking Airstore for the page …", "Asking Airstore …");
    return airstore_oauthd_create_session_async(connecting->oauthd, arguments->operand,
        workspace_of(arguments), arguments->return_to,
        connecting->way == WAY_DAEMON ? 0 : AIRSTORE_OAUTHD_NO_BROWSER, on_created, connecting,
        NULL);
}

static void on_looked(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    struct connecting *connecting = userdata;

    connecting->look = NULL;
    if (reply)
        plan_learn(&connecting->plan, connecting->arguments, reply);
    int r = create_session(connecting);
    if (r < 0)
        finish(connecting, report_code(r));
}

/* A connection that is not known here may be known at Airstore. That is for telling people only, so
 * it is waited for shortly, and no failure matters. */
static int look(struct connecting *connecting)
{
    if (!connecting->plan.unsure || is_quiet())
        return create_session(connecting);
    connecting->look_until_usec = timestamp_now(CLOCK_BOOTTIME) + LOOK_USEC;
    live_show("Asking Airstore what is connected …", "Asking Airstore …");
    int r =
        airstore_oauthd_list_connections_async(connecting->oauthd, connecting->plan.workspace_id,
            connecting->arguments->operand, true, on_looked, connecting, &connecting->look);
    return r < 0 ? create_session(connecting) : 0;
}

static int stop_looking(struct connecting *connecting)
{
    connecting->look = airstore_oauthd_call_cancel(connecting->look);
    return create_session(connecting);
}

/* ---- Waiting -------------------------------------------------------------------------------- */

/* The time that is left, whichever ends first: the waiting or the session. */
static int64_t time_left(const struct connecting *connecting)
{
    int64_t waiting = connecting->deadline_usec - timestamp_now(CLOCK_BOOTTIME);
    int64_t session = connecting->expires_usec - timestamp_now(CLOCK_REALTIME);
    int64_t left = waiting < session ? waiting : session;

    return left > 0 ? left : 0;
}

static void interrupt(struct connecting *connecting)
{
    if (connecting->look) {
        complain("Cancelled: nothing was begun.");
        finish(connecting, STATUS_FAILED);
    } else if (++connecting->interrupts == 1 && connecting->joined) {
        leave(connecting);
    } else if (connecting->interrupts > 1) {
        complain("Left without waiting any longer.");
        advise("See what became of it with: airstore-oauth sessions");
        finish(connecting, STATUS_FAILED);
    } else if (connecting->session_id) {
        cancel_session(connecting);
    } else {
        say("Cancelling, as soon as Airstore has answered. Ctrl-C again leaves at once.");
    }
}

static void on_signal(struct connecting *connecting, int signal_fd)
{
    struct signalfd_siginfo info;

    while (!connecting->over && read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM) {
            interrupt(connecting);
        } else if (info.ssi_signo == SIGCHLD && browser_failed(&connecting->browser)) {
            say("No browser could be opened: %s.", browser_problem(&connecting->browser));
            show_page(connecting);
        } else if (info.ssi_signo == SIGWINCH && connecting->code_awaits_room) {
            connecting->code_awaits_room = qr_say(connecting->authorize_url, false);
        } /* the live line is written anew in any case */
    }
}

/* Until when nothing has to be done by itself, in milliseconds; -1: for ever. */
static int pause_msec(const struct connecting *connecting)
{
    int64_t until = connecting->look_until_usec - timestamp_now(CLOCK_BOOTTIME);

    if (connecting->look)
        return until > 0 ? (int)(until / USEC_PER_MSEC) + 1 : 0;
    return connecting->session_id && connecting->interrupts == 0 && live_possible() ? 1000 : -1;
}

static void show_progress(const struct connecting *connecting)
{
    if (!connecting->session_id)
        return;
    if (connecting->interrupts > 0)
        live_show("Cancelling … Ctrl-C again leaves at once.", "Cancelling …");
    else if (connecting->returned && !connecting->trouble)
        tell_finishing(&connecting->plan);
    else
        tell_time_left(
            &connecting->plan, time_left(connecting), what_interrupting_does(connecting));
}

static int wait_once(struct connecting *connecting, int signal_fd)
{
    struct pollfd fds[] = {
        {.fd = airstore_oauthd_get_fd(connecting->oauthd),
            .events = (short)airstore_oauthd_get_events(connecting->oauthd)},
        {.fd = signal_fd, .events = POLLIN},
    };

    if (fds[0].fd < 0)
        return fds[0].fd;
    show_progress(connecting);
    if (poll(fds, ARRAY_SIZE(fds), pause_msec(connecting)) < 0 && errno != EINTR)
        return -errno;
    if (fds[1].revents)
        on_signal(connecting, signal_fd);
    if (connecting->over)
        return 0;
    int r = airstore_oauthd_dispatch(connecting->oauthd);
    if (r >= 0 && connecting->look && timestamp_now(CLOCK_BOOTTIME) >= connecting->look_until_usec)
        r = stop_looking(connecting);
    return r;
}

static int catch_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGWINCH);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

static void connecting_clear(struct connecting *connecting)
{
    live_end();
    plan_clear(&connecting->plan);
    browser_clear(&connecting->browser);
    free(connecting->session_id);
    secret_free(connecting->authorize_url);
    free(connecting->trouble);
}

static enum status connect_named(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    long timeout = arguments->timeout_msec < 0 ? TIMEOUT_DEFAULT_MSEC : arguments->timeout_msec;
    _cleanup_(connecting_clear) struct connecting connecting = {
        .oauthd = oauthd,
        .arguments = arguments,
        .way = choose_way(arguments),
        .deadline_usec = timestamp_now(CLOCK_BOOTTIME) + timeout * USEC_PER_MSEC,
    };

    /* Until here, Ctrl-C simply ends the program. */
    int r = plan_make(oauthd, arguments, &connecting.plan);
    _cleanup_close_ int signal_fd = catch_signals();
    if (r >= 0)
        r = signal_fd < 0 ? signal_fd : look(&connecting);
    while (r >= 0 && !connecting.over)
        r = wait_once(&connecting, signal_fd);
    return r < 0 ? report_code(r) : connecting.status;
}

static enum status connect_integration(
    struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct choice choice = {0};
    struct arguments completed = *arguments;
    enum status status = STATUS_DONE;

    if (!arguments->operand) {
        status = choose_integration(oauthd, arguments, &choice);
        completed.operand = choice.type;
    }
    if (status == STATUS_DONE)
        status = (choice.takes_key ? verb_add.run : connect_named)(oauthd, &completed);
    free(choice.type);
    return status;
}

const struct verb verb_connect = {
    .name = "connect",
    .operand = "INTEGRATION",
    .asks = true,
    .operand_values = VALUES_BROWSER,
    .summary = "connect an account in the browser",
    .description =
        "Opens the browser so that you can approve the access, waits, and prints the ID\n"
        "of the connection. Over SSH and without a display, shows the page's address and\n"
        "a QR code, for any device. Without INTEGRATION, asks which. Ctrl-C cancels.",
    .options =
        (const struct option_entry[]){
            OPTION_PROFILE,
            OPTION_WORKSPACE,
            {"timeout", 0, "TIME", "how long to wait: 90s, 5m (the default), 1m30s",
                OPTION_DURATION, offsetof(struct arguments, timeout_msec)},
            {"no-browser", 0, NULL, "show the page's address instead of opening a browser",
                OPTION_FLAG, offsetof(struct arguments, no_browser)},
            {"return-to", 0, "URL", "where the browser ends up after the approval", OPTION_STRING,
                offsetof(struct arguments, return_to)},
            {0},
        },
    .run = connect_integration,
};
