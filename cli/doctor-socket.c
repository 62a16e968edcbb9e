/* SPDX-License-Identifier: MIT */

/* The way to the daemon: the directory of the session, the socket in it, and whether anybody
 * listens. */

#include "cli/doctor.h"
#include "cli/manager.h"
#include "lib/base/environment.h"
#include "lib/oauthd/address.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

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
    const char *path = environment("XDG_RUNTIME_DIR");
    /* Whoever says where the daemon is does not need it. */
    enum airstore_oauthd_check_result result =
        environment("AIRSTORE_OAUTHD_ADDRESS") ? CHECK_WARNING : CHECK_WRONG;
    char text[128];

    if (!path) {
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

/* Where it should be. 0 or negative errno. */
static int find_socket(struct doctor *doctor, struct oauthd_address *ret)
{
    struct oauthd_address standard = {0};

    doctor->elsewhere = environment("AIRSTORE_OAUTHD_ADDRESS");
    int r = oauthd_address_find(NULL, ret);
    if (r >= 0 && oauthd_address_standard(&standard) >= 0 &&
        memcmp(&ret->socket, &standard.socket, sizeof(ret->socket)) == 0)
        doctor->elsewhere = false;
    doctor->managed = !doctor->elsewhere && manager_runs();
    return r;
}

/* 0 when somebody listens there, or negative errno. */
static int try_connect(const struct oauthd_address *address)
{
    _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || connect(fd, (const struct sockaddr *)&address->socket, address->size) < 0)
        return -errno;
    return 0;
}

/* What makes somebody listen. */
static const char *listening(const struct doctor *doctor, const char *with_manager)
{
    if (doctor->elsewhere)
        return START_IT;
    return doctor->managed ? with_manager : BY_HAND;
}

static void check_connection(
    struct doctor *doctor, const struct oauthd_address *address, const char *name)
{
    int r = try_connect(address);

    doctor->listens = r >= 0;
    if (r == -ECONNREFUSED)
        doctor_add(doctor, "socket", CHECK_WRONG, listening(doctor, LISTEN_AGAIN),
            name[0] == '/' ? "%s was left behind: nobody listens there any more"
                           : "nobody listens at %s",
            name);
    else if (r == -EAGAIN)
        doctor_add(doctor, "socket", CHECK_WRONG, doctor_restart(doctor),
            "too many programs wait for an answer at %s", name);
    else if (r < 0)
        doctor_add(doctor, "socket", CHECK_WRONG, listening(doctor, LISTEN_AGAIN),
            "%s cannot be connected to: %s", name, strerror(-r));
    else
        doctor_add(doctor, "socket", CHECK_OK, NULL, "%s can be connected to", name);
}

/* Adds what is wrong with the file. Returns false when all is well. */
static bool add_file_problem(
    struct doctor *doctor, const struct oauthd_address *address, const char *path)
{
    char advice[512];
    struct stat st;

    if (stat(path, &st) < 0) {
        doctor_add(doctor, "socket", CHECK_WRONG, listening(doctor, LISTEN),
            errno == ENOENT || errno == ENOTDIR ? "there is no %s: nobody listens"
                                                : "%s cannot be looked at",
            path);
        return true;
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
        doctor->listens = try_connect(address) >= 0;
    } else {
        return false;
    }
    return true;
}

void check_socket(struct doctor *doctor)
{
    struct oauthd_address address;
    char name[sizeof(address.socket.sun_path)];

    int r = find_socket(doctor, &address);
    if (r < 0) {
        if (doctor->elsewhere)
            doctor_add(doctor, "socket", CHECK_WRONG, "unset AIRSTORE_OAUTHD_ADDRESS",
                r == -ENAMETOOLONG ? "AIRSTORE_OAUTHD_ADDRESS is too long"
                                   : "AIRSTORE_OAUTHD_ADDRESS is not of the form unix:/path");
        else
            doctor_add(doctor, "socket", CHECK_WRONG, SESSION,
                "XDG_RUNTIME_DIR does not say where airstore-oauthd listens");
        return;
    }
    memcpy(name, address.socket.sun_path, sizeof(name));
    if (name[0] == '\0') /* it has no file */
        name[0] = '@';
    if (name[0] == '@' || !add_file_problem(doctor, &address, name))
        check_connection(doctor, &address, name);
}
