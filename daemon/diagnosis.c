/* SPDX-License-Identifier: MIT */
#include "daemon/diagnosis.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define TEXT_SIZE 1024

/* What SQLite needs to write at all, and what is little. */
#define SPACE_NEEDED ((uint64_t)1024 * 1024)
#define SPACE_LITTLE ((uint64_t)32 * 1024 * 1024)

int diagnosis_add(struct json_object *checks, const char *check, enum diagnosis_result result,
    const char *message, const char *advice)
{
    static const char *const names[] = {
        [DIAGNOSIS_OK] = "ok",
        [DIAGNOSIS_WARNING] = "warning",
        [DIAGNOSIS_WRONG] = "wrong",
    };
    _cleanup_json_ struct json_object *object = json_object_new_object();

    if (!object || json_add_string(object, "check", check) < 0 ||
        json_add_string(object, "result", names[result]) < 0 ||
        json_add_string(object, "message", message) < 0 ||
        json_add_string(object, "advice", advice) < 0)
        return -ENOMEM;
    return json_append_to(checks, TAKE_PTR(object));
}

int diagnosis_addf(struct json_object *checks, const char *check, enum diagnosis_result result,
    const char *advice, const char *format, ...)
{
    char text[TEXT_SIZE * 2];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return diagnosis_add(checks, check, result, text, advice);
}

int diagnose_configuration(const struct config *config, struct json_object *checks)
{
    if (config->mistakes)
        return diagnosis_add(checks, "configuration", DIAGNOSIS_WRONG, config->mistakes,
            "correct it there; then: airstore-oauth config --reload (or, for a variable: systemctl "
            "--user restart airstore-oauthd)");
    return diagnosis_add(
        checks, "configuration", DIAGNOSIS_OK, "the configuration has no mistake", NULL);
}

int diagnose_state(
    const struct config *config, const struct store *store, struct json_object *checks)
{
    const char *directory = config->state_directory;
    char advice[TEXT_SIZE];
    struct statvfs space;
    struct stat st;

    snprintf(advice, sizeof(advice), "ls -ld %s; df -h %s", directory, directory);
    if (stat(directory, &st) < 0)
        return diagnosis_addf(checks, "state", DIAGNOSIS_WRONG, advice,
            "the state directory %s cannot be used: %s", directory, strerror(errno));
    if (access(directory, W_OK | X_OK) < 0)
        return diagnosis_addf(checks, "state", DIAGNOSIS_WRONG, advice,
            "nothing can be written to the state directory %s: %s", directory, strerror(errno));
    if (store_problem(store))
        return diagnosis_add(checks, "state", DIAGNOSIS_WRONG, store_problem(store), advice);
    if (statvfs(directory, &space) >= 0) {
        uint64_t free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
        if (free_bytes < SPACE_LITTLE)
            return diagnosis_addf(checks, "state",
                free_bytes < SPACE_NEEDED ? DIAGNOSIS_WRONG : DIAGNOSIS_WARNING, advice,
                "there is little space left in the state directory %s: %llu KiB", directory,
                (unsigned long long)(free_bytes / 1024));
    }
    if (st.st_mode & 0077) {
        snprintf(advice, sizeof(advice), "chmod 700 %s", directory);
        return diagnosis_addf(checks, "state", DIAGNOSIS_WARNING, advice,
            "others can look into the state directory %s", directory);
    }
    return diagnosis_addf(
        checks, "state", DIAGNOSIS_OK, NULL, "sessions and connections are kept in %s", directory);
}

/* 0, or negative errno. */
static int try_listen(const struct sockaddr *address, socklen_t size)
{
    _cleanup_close_ int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd < 0 || bind(fd, address, size) < 0 || listen(fd, 1) < 0 ? -errno : 0;
}

int diagnose_loopback(struct json_object *checks)
{
    const struct sockaddr_in four = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    int r = try_listen((const struct sockaddr *)&four, sizeof(four));
    if (r >= 0)
        return diagnosis_add(
            checks, "loopback", DIAGNOSIS_OK, "the browser can come back to 127.0.0.1", NULL);
    if (try_listen((const struct sockaddr *)&six, sizeof(six)) >= 0)
        return diagnosis_add(
            checks, "loopback", DIAGNOSIS_OK, "the browser can come back to [::1]", NULL);
    return diagnosis_addf(checks, "loopback", DIAGNOSIS_WRONG, "sudo ip link set lo up",
        "the browser cannot come back, for nobody can listen on 127.0.0.1: %s", strerror(-r));
}

int diagnose_helper(const char *problem, struct json_object *checks)
{
    if (!problem)
        return diagnosis_add(checks, "helper", DIAGNOSIS_OK,
            "airstore-oauth-desktop, which opens the browser, answers", NULL);
    return diagnosis_addf(checks, "helper", DIAGNOSIS_WRONG,
        "systemctl --user restart airstore-oauth-desktop.socket",
        "no browser can be opened, and nothing be shown on the desktop: %s", problem);
}
