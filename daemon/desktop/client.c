/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/client.h"

#include "daemon/log.h"
#include "daemon/varlink/client.h"
#include "lib/base/program.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

/* Opening a browser may take as long as all the ways that fail. */
#define TIMEOUT_USEC ((uint64_t)20 * 1000000)
/* A person may take their time to see a notification, or to unlock a keyring. */
#define PATIENCE_USEC ((uint64_t)15 * 60 * 1000000)
#define PROBE_TIMEOUT_USEC ((uint64_t)5 * 1000000)
#define HELPER "airstore-oauth-desktop"

struct desktop_request {
    struct varlink_request *request;
    desktop_handler handler;
    void (*key_handler)(const char *api_key, const char *problem, void *userdata);
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

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
    return sd_event_source_set_floating(source, 0);
}

/* A program that nobody waits for, with this as its standard input; the loop collects it when it
 * ends. */
static int spawn_detached(sd_event *event, const char *path, int input)
{
    const struct program_files files = {.input = input, .output = -1, .error = STDERR_FILENO};
    sd_event_source *child;
    pid_t pid;

    int r = program_start((const char *const[]){path, NULL}, files, &pid);
    if (r < 0)
        return r;
    r = sd_event_add_child(event, &child, pid, WEXITED, on_child, NULL);
    if (r < 0)
        return r;
    (void)sd_event_source_set_floating(child, 1);
    sd_event_source_unref(child);
    return 0;
}

/* Without systemd: a child with the other end of a socket pair as its standard input, as systemd
 * would do it. */
static int start_helper(sd_event *event)
{
    _cleanup_close_ int ours = -1, theirs = -1;
    _cleanup_free_ char *path = NULL;
    int pair[2];

    int r = program_beside(HELPER, &path);
    if (r < 0)
        return r;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    ours = pair[0];
    theirs = pair[1];
    r = spawn_detached(event, path, theirs);
    return r < 0 ? r : TAKE_FD(ours);
}

/* Without systemd's socket, whether there may be anybody who shows notifications. The bus is where
 * the helper looks for it. */
static bool has_session_bus(void)
{
    const char *address = getenv("DBUS_SESSION_BUS_ADDRESS"), *runtime = getenv("XDG_RUNTIME_DIR");
    _cleanup_free_ char *path = NULL;

    if (address || !runtime)
        return address && *address;
    return asprintf(&path, "%s/bus", runtime) >= 0 && access(path, F_OK) == 0;
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

/* What is in a reply, or in an error. */
struct outcome {
    const char *message, *api_key;
};

static void on_reply(const char *error, struct json_object *parameters, void *userdata)
{
    static const struct json_field fields[] = {
        {"message", JSON_STRING, offsetof(struct outcome, message), false},
        {"api_key", JSON_STRING, offsetof(struct outcome, api_key), false},
        {0},
    };
    _cleanup_free_ struct desktop_request *request = userdata;
    struct outcome outcome = {0};
    const char *problem = NULL, *field;

    (void)json_read(parameters, fields, JSON_UNKNOWN_IGNORED, &outcome, &field);
    if (error && streq(error, "ai.airstore.Desktop.Closed"))
        problem = "";
    else if (error)
        problem = outcome.message ? outcome.message : HELPER " does not answer";
    if (request->key_handler)
        request->key_handler(problem ? NULL : outcome.api_key, problem, request->userdata);
    else
        request->handler(problem, request->userdata);
}

typedef void (*reply_handler)(const char *error, struct json_object *parameters, void *userdata);

/* Sends a request over a connection, which is taken over; of the parameters and of the template,
 * copies are made. The handler of the reply has the copy, and frees it. */
static int send_over(sd_event *event, int fd, const char *method, struct json_object *parameters,
    uint64_t timeout_usec, reply_handler handler, const struct desktop_request *template,
    struct desktop_request **ret)
{
    _cleanup_free_ struct desktop_request *request = calloc(1, sizeof(*request));

    if (!request) {
        close(fd);
        return -ENOMEM;
    }
    *request = *template;
    int r = varlink_request_send(
        event, fd, method, parameters, timeout_usec, handler, request, &request->request);
    if (r >= 0)
        *ret = TAKE_PTR(request);
    return r;
}

static int ask_helper(sd_event *event, const char *method, struct json_object *parameters,
    uint64_t timeout_usec, const struct desktop_request *template, struct desktop_request **ret)
{
    int fd = reach_helper(event);

    return fd < 0 ? fd
                  : send_over(event, fd, method, parameters, timeout_usec, on_reply, template, ret);
}

int desktop_open_url(sd_event *event, const char *profile_or_null, const char *url,
    desktop_handler handler, void *userdata, struct desktop_request **ret)
{
    const struct desktop_request template = {.handler = handler, .userdata = userdata};
    struct json_object *parameters = json_object_new_object();
    int r = -ENOMEM;

    if (parameters && json_add_string(parameters, "url", url) >= 0 &&
        json_add_string(parameters, "profile", profile_or_null) >= 0)
        r = ask_helper(
            event, "ai.airstore.Desktop.OpenURL", parameters, TIMEOUT_USEC, &template, ret);
    json_erase(parameters); /* whoever has the URL acts for the person */
    return r;
}

static int add_notice(struct json_object *parameters, const struct desktop_notice *notice)
{
    int r = json_add_string(parameters, "title", notice->title);

    if (r >= 0)
        r = json_add_string(parameters, "body", notice->body);
    if (r >= 0)
        r = json_add_string(parameters, "url", notice->url);
    if (r >= 0)
        r = json_add_string(parameters, "profile", notice->profile);
    return r < 0 || !notice->failed ? r : json_add_boolean(parameters, "failed", true);
}

int desktop_notify(sd_event *event, const struct desktop_notice *notice, desktop_handler handler,
    void *userdata, struct desktop_request **ret)
{
    const struct desktop_request template = {.handler = handler, .userdata = userdata};
    uint64_t timeout_usec = notice->url ? PATIENCE_USEC : TIMEOUT_USEC;
    int fd = connect_to_socket();

    if (fd < 0)
        fd = has_session_bus() ? start_helper(event) : -ENXIO;
    if (fd < 0)
        return fd;
    struct json_object *parameters = json_object_new_object();
    int r = parameters ? add_notice(parameters, notice) : -ENOMEM;
    if (r < 0)
        close(fd);
    else
        r = send_over(event, fd, "ai.airstore.Desktop.Notify", parameters, timeout_usec, on_reply,
            &template, ret);
    json_erase(parameters);
    return r;
}

/* Keys */

static int send_key(sd_event *event, const char *method, const struct desktop_key *key,
    const char *api_key_or_null, const struct desktop_request *template,
    struct desktop_request **ret)
{
    struct json_object *parameters = json_object_new_object();
    int r = -ENOMEM;

    if (parameters && json_add_string(parameters, "base_url", key->base_url) >= 0 &&
        json_add_string(parameters, "profile", key->profile) >= 0 &&
        json_add_string(parameters, "api_key", api_key_or_null) >= 0)
        r = ask_helper(event, method, parameters, PATIENCE_USEC, template, ret);
    json_erase(parameters);
    return r;
}

int desktop_store_key(sd_event *event, const struct desktop_key *key, const char *api_key,
    desktop_handler handler, void *userdata, struct desktop_request **ret)
{
    return send_key(event, "ai.airstore.Desktop.StoreKey", key, api_key,
        &(struct desktop_request){.handler = handler, .userdata = userdata}, ret);
}

int desktop_clear_key(sd_event *event, const struct desktop_key *key, desktop_handler handler,
    void *userdata, struct desktop_request **ret)
{
    return send_key(event, "ai.airstore.Desktop.ClearKey", key, NULL,
        &(struct desktop_request){.handler = handler, .userdata = userdata}, ret);
}

int desktop_look_up_key(sd_event *event, const struct desktop_key *key,
    void (*handler)(const char *api_key, const char *problem, void *userdata), void *userdata,
    struct desktop_request **ret)
{
    return send_key(event, "ai.airstore.Desktop.LookUpKey", key, NULL,
        &(struct desktop_request){.key_handler = handler, .userdata = userdata}, ret);
}

static void on_info(const char *error, struct json_object *parameters, void *userdata)
{
    static const struct json_field fields[] = {{"version", JSON_STRING, 0, true}, {0}};
    _cleanup_free_ struct desktop_request *request = userdata;
    const char *version, *field;
    char problem[128];

    if (error || json_read(parameters, fields, JSON_UNKNOWN_IGNORED, &version, &field) < 0)
        snprintf(problem, sizeof(problem), HELPER " does not answer");
    else if (!streq(version, VERSION))
        snprintf(
            problem, sizeof(problem), HELPER " is of version %.32s, and not " VERSION, version);
    else
        *problem = '\0';
    request->handler(*problem ? problem : NULL, request->userdata);
}

int desktop_probe(
    sd_event *event, desktop_handler handler, void *userdata, struct desktop_request **ret)
{
    const struct desktop_request template = {.handler = handler, .userdata = userdata};
    _cleanup_json_ struct json_object *parameters = json_object_new_object();

    if (!parameters)
        return -ENOMEM;
    int fd = reach_helper(event);
    return fd < 0 ? fd
                  : send_over(event, fd, "org.varlink.service.GetInfo", parameters,
                        PROBE_TIMEOUT_USEC, on_info, &template, ret);
}

struct desktop_request *desktop_forget(struct desktop_request *request)
{
    if (request) {
        varlink_request_cancel(request->request);
        free(request);
    }
    return NULL;
}
