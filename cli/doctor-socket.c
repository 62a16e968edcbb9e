/* SPDX-License-Identifier: MIT */

/* The way to the daemon: the directory of the session, the socket in it, and whether anybody
 * listens. */

#include "cli/doctor.h"
#include "cli/manager.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define LISTEN "systemctl --user enable --now airstore-oauthd.socket"
#define LISTEN_AGAIN "systemctl --user restart airstore-oauthd.socket"
#define SESSION "log in anew, or: export XDG_RUNTIME_DIR=/run/user/$(id -u)"
#define BY_HAND DAEMON " &"
#define START_IT "start airstore-oauthd with the same AIRSTORE_OAUTHD_ADDRESS, or unset that here"

static const char *directory_problem(const char *path, char text[static 128])
{
    struct stat st;

    if (stat(path, &st) < 0)
        snprintf(text, 128, "%s", strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        snprintf(text, 128, "it is no directory");
    else if (st.st_uid != getuid())
        snprintf(text, 128, "it belongs to user %u", (unsigned)st.st_uid);
    else if (st.st_mode & 0022)
        snprintf(text, 128, "others can write to it");
    else
        return NULL;
    return text;
}

void check_runtime(struct doctor *doctor)
{
    const char *path = getenv("XDG_RUNTIME_DIR");
    const char *address = getenv("AIRSTORE_OAUTHD_ADDRESS");
    /* Whoever says where the daemon is does not need it. */
    enum airstore_oauthd_check_result result = address && *address ? CHECK_WARNING : CHECK_WRONG;
    char text[128];

    if (!path || !*path) {
        doctor_add(doctor, "runtime", result, SESSION,
            "XDG_RUNTIME_DIR is not set, so that nothing of your session can be found");
        return;
    }
    const char *problem = directory_problem(path, text);
    if (problem)
        doctor_add(doctor, "runtime", result, SESSION,
            "XDG_RUNTIME_DIR is %s, which cannot be used: %s", path, problem);
    else
        doctor_add(doctor, "runtime", CHECK_OK, NULL, "%s is yours alone to write to", path);
}

/* Where it should be; false when nothing says so, or it makes no sense. */
static bool find_socket(struct doctor *doctor)
{
    const char *address = getenv("AIRSTORE_OAUTHD_ADDRESS"), *runtime = getenv("XDG_RUNTIME_DIR");
    char *standard = NULL;

    if (runtime && *runtime &&
        asprintf(&standard, "%s/airstore-oauthd/ai.airstore.OAuth", runtime) < 0)
        standard = NULL;
    if (!address || !*address) {
        doctor->socket_path = standard;
        return standard;
    }
    doctor->elsewhere = true;
    if (strncmp(address, "unix:/", strlen("unix:/")) == 0) {
        (void)string_replace(&doctor->socket_path, address + strlen("unix:"));
        doctor->elsewhere = !(standard && streq_or_null(standard, doctor->socket_path));
    }
    free(standard);
    return doctor->socket_path;
}

/* 0 when somebody listens there, or negative errno. */
static int try_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return 0;
}

/* What makes somebody listen. */
static const char *listening(const struct doctor *doctor, const char *with_manager)
{
    if (doctor->elsewhere)
        return START_IT;
    return manager_runs() ? with_manager : BY_HAND;
}

static void check_connection(struct doctor *doctor)
{
    const char *path = doctor->socket_path;
    int r = try_connect(path);

    doctor->listens = r >= 0;
    if (r == -ECONNREFUSED)
        doctor_add(doctor, "socket", CHECK_WRONG, listening(doctor, LISTEN_AGAIN),
            "%s was left behind: nobody listens there any more", path);
    else if (r == -EAGAIN)
        doctor_add(doctor, "socket", CHECK_WRONG, "systemctl --user restart airstore-oauthd",
            "too many programs wait for an answer at %s", path);
    else if (r < 0)
        doctor_add(doctor, "socket", CHECK_WRONG, listening(doctor, LISTEN_AGAIN),
            "%s cannot be connected to: %s", path, strerror(-r));
    else
        doctor_add(doctor, "socket", CHECK_OK, NULL, "%s can be connected to", path);
}

void check_socket(struct doctor *doctor)
{
    char advice[512];
    struct stat st;

    if (!find_socket(doctor)) {
        if (doctor->elsewhere)
            doctor_add(doctor, "socket", CHECK_WRONG, "unset AIRSTORE_OAUTHD_ADDRESS",
                "AIRSTORE_OAUTHD_ADDRESS is not of the form unix:/path");
        else
            doctor_add(doctor, "socket", CHECK_WRONG, SESSION,
                "without XDG_RUNTIME_DIR, it is not known where airstore-oauthd listens");
        return;
    }
    const char *path = doctor->socket_path;
    if (stat(path, &st) < 0) {
        doctor_add(doctor, "socket", CHECK_WRONG, listening(doctor, LISTEN),
            errno == ENOENT || errno == ENOTDIR ? "there is no %s: nobody listens"
                                                : "%s cannot be looked at",
            path);
        return;
    }
    snprintf(advice, sizeof(advice), "rm %s; then: %s", path, listening(doctor, LISTEN_AGAIN));
    if (!S_ISSOCK(st.st_mode)) {
        doctor_add(doctor, "socket", CHECK_WRONG, advice, "%s is no socket", path);
    } else if (st.st_uid != getuid()) {
        doctor_add(doctor, "socket", CHECK_WRONG, advice,
            "%s belongs to user %u: who listens there is not your daemon", path,
            (unsigned)st.st_uid);
    } else if (st.st_mode & 0077) {
        snprintf(advice, sizeof(advice), "chmod 600 %s", path);
        doctor_add(doctor, "socket", CHECK_WRONG, advice,
            "%s may be used by others (its mode is %04o)", path, (unsigned)st.st_mode & 07777);
        doctor->listens = try_connect(path) >= 0;
    } else {
        check_connection(doctor);
    }
}
