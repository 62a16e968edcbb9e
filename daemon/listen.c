/* SPDX-License-Identifier: MIT */
#include "daemon/listen.h"

#include "daemon/log.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <time.h>

/*
 * A daemon that was killed while it started a program leaves its listening socket to the child for
 * the moment until that has become the other program: so one that is served is looked at again.
 */
#define LOOKS_MAX 20
#define LOOK_AGAIN_MSEC 50

static char *made[2]; /* paths of our own sockets */

static void free_names(char ***names)
{
    for (char **name = *names; name && *name; name++)
        free(*name);
    free(*names);
}

static int from_systemd(struct listen_socket ret[static LISTEN_SOCKETS_MAX])
{
    _cleanup_(free_names) char **names = NULL;

    int n = sd_listen_fds_with_names(true, &names);
    if (n <= 0)
        return n;
    if (n > LISTEN_SOCKETS_MAX) {
        log_error(
            "systemd handed over %d sockets, where %d at most make sense", n, LISTEN_SOCKETS_MAX);
        return -EINVAL;
    }
    for (int i = 0; i < n; i++) {
        int fd = SD_LISTEN_FDS_START + i;
        if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) <= 0) {
            log_error("systemd handed over something that is not a listening UNIX stream socket");
            return -EINVAL;
        }
        ret[i] = (struct listen_socket){.fd = fd, .restricted = streq(names[i], "readonly")};
    }
    return n;
}

/* A socket that a daemon before us has left behind is removed; one that is served is not. */
static int clear_path_once(const struct sockaddr_un *address)
{
    _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct stat st;

    if (fd < 0)
        return -errno;
    if (lstat(address->sun_path, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) >= 0 || errno == EAGAIN)
        return -EADDRINUSE;
    if (errno != ECONNREFUSED)
        return -errno;
    return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int clear_path(const struct sockaddr_un *address)
{
    const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MSEC * 1000000L};
    int r = clear_path_once(address);

    for (int looks = 1; r == -EADDRINUSE && looks < LOOKS_MAX; looks++) {
        (void)nanosleep(&pause, NULL);
        r = clear_path_once(address);
    }
    return r;
}

static int make_socket(const char *path, int *ret)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    _cleanup_close_ int fd = -1;

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int r = clear_path(&address);
    if (r < 0)
        return r;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    /* On Linux the mode that a socket has before it is bound is the one that its path gets. */
    if (fchmod(fd, 0600) < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(fd, SOMAXCONN) < 0)
        return -errno;
    *ret = TAKE_FD(fd);
    return 0;
}

static int make_directory_of(const char *path)
{
    _cleanup_free_ char *directory = strdup(path);

    if (!directory)
        return -ENOMEM;
    char *slash = strrchr(directory, '/');
    if (!slash || slash == directory)
        return 0;
    *slash = '\0';
    return mkdir(directory, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int make_own(const char *path, struct listen_socket ret[static LISTEN_SOCKETS_MAX])
{
    int r = make_directory_of(path);

    if (r < 0)
        return r;
    for (int i = 0; i < 2; i++) {
        if (asprintf(&made[i], "%s%s", path, i == 0 ? "" : ".ReadOnly") < 0) {
            made[i] = NULL;
            r = -ENOMEM;
        }
        if (r >= 0)
            r = make_socket(made[i], &ret[i].fd);
        if (r < 0) {
            free(made[i]); /* whatever is there is not ours to remove */
            made[i] = NULL;
            if (i > 0)
                close(ret[0].fd);
            return r;
        }
        ret[i].restricted = i > 0;
    }
    return 2;
}

int listen_sockets(const char *path, struct listen_socket ret[static LISTEN_SOCKETS_MAX])
{
    int r = from_systemd(ret);

    if (r != 0)
        return r;
    if (!path) {
        log_error("XDG_RUNTIME_DIR is not set: say where to listen, with --address=unix:/PATH");
        return -EINVAL;
    }
    r = make_own(path, ret);
    if (r == -EADDRINUSE)
        log_error("Another airstore-oauthd is listening on %s already", path);
    else if (r < 0)
        log_error("Cannot listen on %s: %s", path, strerror(-r));
    return r;
}

void listen_remove(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
        if (made[i])
            (void)unlink(made[i]);
        free(made[i]);
        made[i] = NULL;
    }
}
