/* SPDX-License-Identifier: MIT */

/* The daemon's beginning and end: arguments, the sockets, signals, readiness. */

#include "daemon/config.h"
#include "daemon/listen.h"
#include "daemon/log.h"
#include "daemon/manager.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#define FILES_WANTED 65536 /* descriptors: one for each client */

static const char help[] =
    "Usage: airstore-oauthd [OPTION…]\n"
    "\n"
    "Connects accounts to an Airstore workspace through the browser, and answers\n"
    "local programs on a UNIX socket. Usually started by systemd; see also\n"
    "airstore-oauth(1), which talks to it.\n"
    "\n"
    "  --address=unix:/PATH  listen there rather than in $XDG_RUNTIME_DIR\n"
    "  --idle-exit=TIME      when started by systemd, end after so long without anything\n"
    "                        to do: 60s, 500ms, or off (the default)\n"
    "  --log-level=LEVEL     error, warning, notice, info (default) or debug\n"
    "  --version             print the version and exit\n"
    "  --help                print this and exit\n"
    "\n"
    "Environment: AIRSTORE_API_KEY, AIRSTORE_BASE_URL, AIRSTORE_WORKSPACE_ID,\n"
    "AIRSTORE_OAUTHD_ADDRESS, STATE_DIRECTORY, BROWSER.\n";

struct arguments {
    const char *address;
    uint64_t idle_exit_usec; /* 0: never */
};

/* "60s", "500ms", "2m", "off". */
static int parse_idle_exit(const char *text, uint64_t *ret_usec)
{
    static const struct {
        const char *unit;
        uint64_t usec;
    } units[] = {{"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"min", 60000000}};
    char *end;

    if (streq(text, "off")) {
        *ret_usec = 0;
        return 0;
    }
    unsigned long number = strtoul(text, &end, 10);
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (end > text && streq(end, units[i].unit) && number > 0 && number <= 1000000) {
            *ret_usec = number * units[i].usec;
            return 0;
        }
    }
    return -EINVAL;
}

/* Returns 1 to go on, 0 when all is done, -EINVAL. */
static int read_arguments(int argc, char *argv[], struct arguments *ret)
{
    static const struct option options[] = {
        {"address", required_argument, NULL, 'a'},
        {"idle-exit", required_argument, NULL, 'i'},
        {"log-level", required_argument, NULL, 'l'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
        switch (option) {
        case 'a':
            ret->address = optarg;
            break;
        case 'i':
            if (parse_idle_exit(optarg, &ret->idle_exit_usec) < 0) {
                fprintf(stderr,
                    "airstore-oauthd: --idle-exit takes a time like 60s, 500ms or 2m, or off\n");
                return -EINVAL;
            }
            break;
        case 'l':
            if (log_set_level(optarg) < 0) {
                fprintf(stderr,
                    "airstore-oauthd: the log level is error, warning, notice, info or debug\n");
                return -EINVAL;
            }
            break;
        case 'v':
            puts("airstore-oauthd " VERSION);
            return 0;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            fputs("Try 'airstore-oauthd --help'.\n", stderr);
            return -EINVAL;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "airstore-oauthd: '%s' is not an option. Try 'airstore-oauthd --help'.\n",
            argv[optind]);
        return -EINVAL;
    }
    return 1;
}

/* The memory holds an API key: no core files, no debugger of another program. And room for many
 * clients. */
static void protect_process(void)
{
    struct rlimit files;

    umask(0077);
#if !defined(__SANITIZE_ADDRESS__) /* the leak check at exit attaches to the process */
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    /* Not all that is allowed: a browser inherits it, and some programs look at each number. */
    if (getrlimit(RLIMIT_NOFILE, &files) >= 0 && files.rlim_cur < FILES_WANTED) {
        files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

/* The first one lets answers that are on their way arrive. The second one does not. */
static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    static bool ending;
    struct manager **manager = userdata;

    if (ending || !*manager) {
        sd_event_exit(sd_event_source_get_event(source), 0);
    } else {
        ending = true;
        (void)sd_notify(false, "STOPPING=1");
        manager_drain(*manager);
    }
    return 0;
}

/* SIGHUP. The messages are what Type=notify-reload and "systemctl reload" wait for. */
static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    _cleanup_free_ char *mistakes = NULL; /* they are in the log, too */
    struct manager **manager = userdata;

    (void)sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%" PRIi64, timestamp_now(CLOCK_MONOTONIC));
    if (*manager)
        (void)manager_reload(*manager, &mistakes);
    (void)sd_notify(false, "READY=1");
    return 0;
}

static int watch_signals(sd_event *event, struct manager **manager)
{
    static const struct {
        int number;
        sd_event_signal_handler_t handler;
    } watched[] = {{SIGTERM, on_signal}, {SIGINT, on_signal}, {SIGHUP, on_hangup}};
    sigset_t signals;
    int r = 0;

    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD); /* for the loop's child sources */
    for (size_t i = 0; i < ARRAY_SIZE(watched); i++)
        sigaddset(&signals, watched[i].number);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
        return -errno;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a limit on files is like a full disk */
    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(watched); i++)
        r = sd_event_add_signal(event, NULL, watched[i].number, watched[i].handler, manager);
    return r;
}

/* Off when nobody would start us again. */
static int set_idle_exit(struct manager *manager, uint64_t usec, bool activated)
{
    return usec > 0 && activated ? manager_leave_when_idle(manager, usec) : 0;
}

static int serve(
    struct manager *manager, sd_event *event, const char *socket_path, uint64_t idle_exit_usec)
{
    struct listen_socket sockets[LISTEN_SOCKETS_MAX];
    bool activated = sd_listen_fds(false) > 0;

    int n = listen_sockets(socket_path, sockets);
    if (n < 0)
        return n;
    for (int i = 0; i < n; i++) {
        int r = manager_listen(manager, sockets[i].fd, sockets[i].restricted);
        if (r < 0)
            return r;
    }
    int r = set_idle_exit(manager, idle_exit_usec, activated);
    if (r < 0)
        return r;
    manager_report(manager);
    (void)sd_notify(false, "READY=1");
    return sd_event_loop(event);
}

static int run(const struct arguments *arguments)
{
    struct config config = {0};
    struct manager *manager = NULL;
    sd_event *event = NULL;

    int r = config_read(arguments->address, &config);
    if (r >= 0)
        r = sd_event_default(&event);
    if (r >= 0)
        r = watch_signals(event, &manager);
    if (r >= 0)
        (void)sd_event_set_watchdog(event, true);
    if (r >= 0)
        r = manager_new(event, &config, &manager);
    if (r >= 0)
        r = serve(manager, event, config.socket_path, arguments->idle_exit_usec);
    if (r < 0)
        log_error("Ending: %s", strerror(-r));
    manager_free(manager);
    listen_remove();
    sd_event_unref(event);
    config_clear(&config);
    return r;
}

int main(int argc, char *argv[])
{
    struct arguments arguments = {0};

    int r = read_arguments(argc, argv, &arguments);
    if (r <= 0)
        return r < 0 ? 2 : EXIT_SUCCESS;
    protect_process();
    return run(&arguments) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
