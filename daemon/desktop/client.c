/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/client.h"

#include "daemon/desktop/spawn.h"
#include "daemon/log.h"
#include "daemon/varlink/client.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The portal may take its time to start. */
#define TIMEOUT_USEC ((uint64_t)20 * 1000000)
#define PROBE_TIMEOUT_USEC ((uint64_t)5 * 1000000)
#define HELPER "airstore-oauth-desktop"

struct desktop_request {
    struct varlink_request *request;
    void (*handler)(const char *problem, void *userdata);
    void *userdata;
};

/* Where systemd listens for the helper. */
static int connect_to_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    _cleanup_close_ int fd = -1;

    int n = runtime ? snprintf(address.sun_path, sizeof(address.sun_path),
                          "%s/airstore-oauthd/desktop", runtime)
                    : -1;
    if (n < 0 || (size_t)n >= sizeof(address.sun_path))
        return -ENOENT;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return TAKE_FD(fd);
}

/* It lies beside this program, installed or not. */
static int helper_path(char *path, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", path, size);

    if (n < 0 || (size_t)n >= size)
        return -ENAMETOOLONG;
    path[n] = '\0';
    char *name = strrchr(path, '/') + 1;
    if ((size_t)(name - path) + sizeof(HELPER) > size)
        return -ENAMETOOLONG;
    strcpy(name, HELPER);
    return 0;
}

/* Without systemd: a child with the other end of a socket pair as its standard input, as systemd
 * would do it. */
static int start_helper(sd_event *event)
{
    _cleanup_close_ int ours = -1, theirs = -1;
    char path[4096];
    int pair[2];

    int r = helper_path(path, sizeof(path));
    if (r < 0)
        return r;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    ours = pair[0];
    theirs = pair[1];
    r = spawn_detached(event, (char *const[]){path, NULL}, theirs);
    return r < 0 ? r : TAKE_FD(ours);
}

/* Without systemd's socket, whether there may be anybody who shows notifications. */
static bool has_session_bus(void)
{
    const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");

    return address && *address;
}

static void on_reply(const char *error, struct json_object *parameters, void *userdata)
{
    static const struct json_field fields[] = {{"message", JSON_STRING, 0, false}, {0}};
    struct desktop_request *request = userdata;
    const char *problem = NULL, *field;

    request->request = NULL;
    if (error) {
        (void)json_read(parameters, fields, JSON_UNKNOWN_IGNORED, &problem, &field);
        if (!problem)
            problem = HELPER " does not answer";
        log_info("Opening a browser: %s", problem);
    }
    request->handler(problem, request->userdata);
    free(request);
}

/* The request stays until it is forgotten. */
static void on_notified(const char *error, struct json_object *parameters, void *userdata)
{
    struct desktop_request *request = userdata;

    request->request = NULL;
    if (error)
        log_debug("No notification could be shown");
}

static int reach_helper(sd_event *event)
{
    int fd = connect_to_socket();

    if (fd < 0)
        fd = start_helper(event);
    if (fd < 0)
        log_warning("Cannot reach or start " HELPER ": %s", strerror(-fd));
    return fd;
}

int desktop_open_url(sd_event *event, const char *profile_or_null, const char *url,
    void (*handler)(const char *problem, void *userdata), void *userdata,
    struct desktop_request **ret)
{
    struct json_object *parameters = json_object_new_object();
    struct desktop_request *request = calloc(1, sizeof(*request));
    int r = -ENOMEM;

    if (parameters && request && json_add_string(parameters, "url", url) >= 0 &&
        json_add_string(parameters, "profile", profile_or_null) >= 0) {
        request->handler = handler;
        request->userdata = userdata;
        r = reach_helper(event);
        if (r >= 0)
            r = varlink_request_send(event, r, "ai.airstore.Desktop.OpenURL", parameters,
                TIMEOUT_USEC, on_reply, request, &request->request);
    }
    json_erase(parameters); /* whoever has the URL acts for the person */
    if (r < 0) {
        free(request);
        return r;
    }
    *ret = request;
    return 0;
}

int desktop_notify(
    sd_event *event, const char *title, const char *body_or_null, struct desktop_request **ret)
{
    _cleanup_json_ struct json_object *parameters = json_object_new_object();
    _cleanup_free_ struct desktop_request *request = calloc(1, sizeof(*request));

    *ret = NULL;
    if (!parameters || !request || json_add_string(parameters, "title", title) < 0 ||
        json_add_string(parameters, "body", body_or_null) < 0)
        return -ENOMEM;
    int fd = connect_to_socket();
    if (fd < 0 && has_session_bus())
        fd = start_helper(event);
    if (fd < 0)
        return 0;
    int r = varlink_request_send(event, fd, "ai.airstore.Desktop.Notify", parameters, TIMEOUT_USEC,
        on_notified, request, &request->request);
    if (r >= 0)
        *ret = TAKE_PTR(request);
    return r;
}

static void on_info(const char *error, struct json_object *parameters, void *userdata)
{
    static const struct json_field fields[] = {{"version", JSON_STRING, 0, true}, {0}};
    struct desktop_request *request = userdata;
    const char *version, *field;
    char problem[128];

    request->request = NULL;
    if (error || json_read(parameters, fields, JSON_UNKNOWN_IGNORED, &version, &field) < 0)
        snprintf(problem, sizeof(problem), HELPER " does not answer");
    else if (!streq(version, VERSION))
        snprintf(
            problem, sizeof(problem), HELPER " is of version %.32s, and not " VERSION, version);
    else
        *problem = '\0';
    request->handler(*problem ? problem : NULL, request->userdata);
    free(request);
}

int desktop_probe(sd_event *event, void (*handler)(const char *problem, void *userdata),
    void *userdata, struct desktop_request **ret)
{
    _cleanup_json_ struct json_object *parameters = json_object_new_object();
    _cleanup_free_ struct desktop_request *request = calloc(1, sizeof(*request));

    if (!parameters || !request)
        return -ENOMEM;
    request->handler = handler;
    request->userdata = userdata;
    int fd = reach_helper(event);
    if (fd < 0)
        return fd;
    int r = varlink_request_send(event, fd, "org.varlink.service.GetInfo", parameters,
        PROBE_TIMEOUT_USEC, on_info, request, &request->request);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(request);
    return 0;
}

struct desktop_request *desktop_forget(struct desktop_request *request)
{
    if (request) {
        varlink_request_cancel(request->request);
        free(request);
    }
    return NULL;
}
