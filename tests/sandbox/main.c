/* SPDX-License-Identifier: MIT */

/*
 * airstore-sandbox: a stand-in for Airstore, with a consent page of its own, for tests,
 * demonstrations and people without an account. This file reads the arguments and starts it.
 */

#include "lib/base/memory.h"
#include "lib/base/timestamp.h"
#include "tests/sandbox/server.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

static const char usage[] =
    "Usage: airstore-sandbox [OPTION]…\n"
    "\n"
    "A stand-in for the Airstore API on 127.0.0.1, with a consent page of its own. Its first line\n"
    "of output says where it listens. SIGTERM and SIGINT end it.\n"
    "\n"
    "  --port N            listen on this port; 0, the default, takes any free one\n"
    "  --api-key KEY       the key that clients must send (default: sandbox-key); a key that "
    "begins\n"
    "                      with org_ is an organisation key and needs a workspace_id\n"
    "  --session-ttl TIME  how long a session stays pending (default: 10m)\n"
    "  --complete-ttl TIME how long it is kept once complete (default: 30s)\n"
    "  --error-ttl TIME    how long it is kept once failed (default: 2m)\n"
    "  --workspace-numbers send workspace_id as a number, as self-hosted servers do\n"
    "  --help, --version\n"
    "\n"
    "TIME is a number with a unit: 250ms, 30s, 10m or 1h. Without a unit, seconds are meant.\n"
    "\n"
    "It misbehaves on demand: POST /sandbox/faults adds a fault, such as\n"
    "{\"kind\":\"status\",\"status\":503,\"count\":2}; POST /sandbox/reset clears them. GET\n"
    "/sandbox/requests lists what was asked; POST /sandbox/approve and /sandbox/deny with a\n"
    "session_id do what a person would. tests/sandbox/README.md describes it all.\n";

/* Returns 0 or -EINVAL. */
static int parse_port(const char *text, unsigned short *ret)
{
    char *end;

    errno = 0;
    unsigned long port = strtoul(text, &end, 10);
    if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || port > 65535)
        return -EINVAL;
    *ret = (unsigned short)port;
    return 0;
}

/* Returns 0 or -EINVAL. */
static int parse_duration(const char *text, int64_t *ret_usec)
{
    static const struct {
        const char *name;
        int64_t usec;
    } units[] = {
        {"ms", USEC_PER_MSEC},
        {"s", USEC_PER_SEC},
        {"", USEC_PER_SEC},
        {"m", USEC_PER_MINUTE},
        {"h", 60 * USEC_PER_MINUTE},
    };
    char *end;

    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || *text < '0' || *text > '9' || number > 1000000000)
        return -EINVAL;
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (streq(end, units[i].name)) {
            *ret_usec = number * units[i].usec;
            return 0;
        }
    }
    return -EINVAL;
}

enum option_code {
    OPTION_PORT = 256,
    OPTION_API_KEY,
    OPTION_SESSION_TTL,
    OPTION_COMPLETE_TTL,
    OPTION_ERROR_TTL,
    OPTION_WORKSPACE_NUMBERS,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option long_options[] = {
    {"port", required_argument, NULL, OPTION_PORT},
    {"api-key", required_argument, NULL, OPTION_API_KEY},
    {"session-ttl", required_argument, NULL, OPTION_SESSION_TTL},
    {"complete-ttl", required_argument, NULL, OPTION_COMPLETE_TTL},
    {"error-ttl", required_argument, NULL, OPTION_ERROR_TTL},
    {"workspace-numbers", no_argument, NULL, OPTION_WORKSPACE_NUMBERS},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {0},
};

/* Returns 0, or -EINVAL when the value makes no sense. */
static int take_option(enum option_code code, const char *value, struct sandbox_options *options)
{
    switch (code) {
    case OPTION_PORT:
        return parse_port(value, &options->port);
    case OPTION_API_KEY:
        if (value[0] == '\0')
            return -EINVAL;
        options->api_key = value;
        return 0;
    case OPTION_SESSION_TTL:
        return parse_duration(value, &options->lifetimes.usec[SESSION_PENDING]);
    case OPTION_COMPLETE_TTL:
        return parse_duration(value, &options->lifetimes.usec[SESSION_COMPLETE]);
    case OPTION_ERROR_TTL:
        return parse_duration(value, &options->lifetimes.usec[SESSION_ERROR]);
    case OPTION_WORKSPACE_NUMBERS:
        options->workspace_numbers = true;
        return 0;
    default:
        return -EINVAL;
    }
}

/* Returns 1 to go on, 0 when all is said already, or -EINVAL after saying what is wrong. */
static int read_arguments(int argc, char *argv[], struct sandbox_options *options)
{
    int code, index = 0;

    while ((code = getopt_long(argc, argv, "", long_options, &index)) != -1) {
        if (code == OPTION_HELP) {
            fputs(usage, stdout);
            return 0;
        }
        if (code == OPTION_VERSION) {
            puts("airstore-sandbox " VERSION);
            return 0;
        }
        if (code == '?') {
            fputs("Try airstore-sandbox --help.\n", stderr);
            return -EINVAL;
        }
        if (take_option((enum option_code)code, optarg, options) < 0) {
            fprintf(stderr,
                "airstore-sandbox: --%s does not take “%s”. Try airstore-sandbox --help.\n",
                long_options[index].name, optarg);
            return -EINVAL;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "airstore-sandbox: “%s” is not an option. Try airstore-sandbox --help.\n",
            argv[optind]);
        return -EINVAL;
    }
    return 1;
}

/* The signals that end the sandbox, as a descriptor; the one of broken connections is ignored. */
static int open_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return -errno;
    int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int main(int argc, char *argv[])
{
    struct sandbox_options options = {
        .api_key = "sandbox-key",
        .lifetimes.usec =
            {
                [SESSION_PENDING] = 10 * USEC_PER_MINUTE,
                [SESSION_COMPLETE] = 30 * USEC_PER_SEC,
                [SESSION_ERROR] = 2 * USEC_PER_MINUTE,
            },
    };
    _cleanup_close_ int signal_fd = -1;
    struct server *server;
    int r;

    r = read_arguments(argc, argv, &options);
    if (r <= 0)
        return r == 0 ? EXIT_SUCCESS : 2;

    signal_fd = open_signals();
    if (signal_fd < 0) {
        fprintf(stderr, "airstore-sandbox: cannot watch for signals: %s\n", strerror(-signal_fd));
        return EXIT_FAILURE;
    }
    r = server_new(&options, &server);
    if (r < 0) {
        fprintf(stderr, "airstore-sandbox: cannot listen on port %hu of 127.0.0.1: %s\n",
            options.port, strerror(-r));
        return EXIT_FAILURE;
    }
    printf("listening on %s" API_PREFIX "\n", server_origin(server));
    fflush(stdout);

    r = server_run(server, signal_fd);
    if (r < 0)
        fprintf(stderr, "airstore-sandbox: the server failed: %s\n", strerror(-r));
    server_free(server);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
