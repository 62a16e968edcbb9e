/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/server.h"

#include "daemon/list.h"
#include "daemon/log.h"
#include "daemon/varlink/introspection.h"
#include "daemon/varlink/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define LISTENERS_MAX 4
#define ACCEPTED_A_TURN 16
#define ACCEPT_PAUSE_USEC ((uint64_t)1000000)
/* Once stopped: how long a client that has just connected may take to ask. */
#define PATIENCE_USEC ((uint64_t)1000000)

struct listener {
    struct socket_watch watch;
    struct varlink_server *server;
    bool restricted;
};

struct varlink_server {
    sd_event *event;
    struct sockets *sockets;
    uid_t user;
    struct varlink_about about;
    const struct varlink_limits *limits;
    const struct varlink_interface *interfaces[VARLINK_INTERFACES_MAX];
    size_t n_interfaces;
    struct varlink_interface introspection;
    struct listener listeners[LISTENERS_MAX];
    size_t n_listeners;
    struct varlink_link *links;
    unsigned n_links;
    bool stopped;                  /* for good */
    sd_event_source *patience;     /* a timer, on once stopped */
    sd_event_source *accept_again; /* a timer, on while we are out of descriptors */
};

/* Methods */

static const struct varlink_interface *find_interface(
    const struct varlink_server *server, const char *name, size_t length)
{
    for (size_t i = 0; i < server->n_interfaces; i++) {
        const struct varlink_interface *interface = server->interfaces[i];
        if (strlen(interface->name) == length && memcmp(interface->name, name, length) == 0)
            return interface;
    }
    return NULL;
}

static const struct varlink_method *find_method(
    const struct varlink_interface *interface, const char *name)
{
    const struct varlink_method *const *method = interface->methods;

    while (*method && !streq((*method)->name, name))
        method++;
    return *method;
}

static void fail_with_name(struct varlink_call *call, const char *error, const char *field,
    const char *name, size_t length)
{
    _cleanup_json_ struct json_object *parameters = json_object_new_object();

    if (!parameters ||
        json_add(parameters, field, json_object_new_string_len(name, (int)length)) < 0)
        varlink_call_abandon(call);
    else
        varlink_call_fail(call, error, TAKE_PTR(parameters));
}

static void call_method(struct varlink_call *call, const struct varlink_interface *interface,
    const struct varlink_method *method, struct json_object *object)
{
    static const struct json_field none[] = {{0}};
    _Alignas(max_align_t) char parameters[VARLINK_PARAMETERS_MAX] = {0};
    const char *field;

    if (method->defaults)
        memcpy(parameters, method->defaults, method->size);
    if (json_read(object, method->parameters ? method->parameters : none, JSON_UNKNOWN_REFUSED,
            parameters, &field) < 0)
        varlink_call_fail_parameter(call, field);
    else
        method->handle(call, parameters, interface->userdata);
}

void varlink_server_dispatch(struct varlink_server *server, struct varlink_call *call,
    const struct varlink_call_message *message)
{
    const char *dot = strrchr(message->method, '.');

    if (!dot) { /* not the name of a method at all */
        varlink_call_abandon(call);
        return;
    }
    size_t length = (size_t)(dot - message->method);
    const struct varlink_interface *interface = find_interface(server, message->method, length);
    const struct varlink_method *method = interface ? find_method(interface, dot + 1) : NULL;

    if (!interface)
        fail_with_name(
            call, "org.varlink.service.InterfaceNotFound", "interface", message->method, length);
    else if (!method)
        fail_with_name(call, "org.varlink.service.MethodNotFound", "method", message->method,
            strlen(message->method));
    else if (message->upgrade)
        fail_with_name(call, "org.varlink.service.MethodNotImplemented", "method", message->method,
            strlen(message->method));
    else if (method->restricted && varlink_call_restricted(call))
        varlink_call_fail(call, "org.varlink.service.PermissionDenied", NULL);
    else if (method->more_only && !varlink_call_more(call))
        varlink_call_fail(call, "org.varlink.service.ExpectedMore", NULL);
    else
        call_method(call, interface, method, message->parameters);
}

/* Connections */

static void listeners_enable(struct varlink_server *server, bool enable)
{
    if (server->stopped)
        enable = false;
    for (size_t i = 0; i < server->n_listeners; i++) {
        if (!enable)
            sockets_ignore(server->sockets, &server->listeners[i].watch);
        else if (sockets_watch(server->sockets, &server->listeners[i].watch, EPOLLIN) < 0)
            log_error("Out of memory: new clients are not served");
    }
}

static int on_accept_again(sd_event_source *source, uint64_t usec, void *userdata)
{
    listeners_enable(userdata, true);
    return 0;
}

/* Without descriptors, accept() fails for as long as nothing is closed, and the loop would spin on
 * it. */
static void pause_accepting(struct varlink_server *server)
{
    log_warning("Out of file descriptors: new clients wait until one is free (%m)");
    listeners_enable(server, false);
    sd_event_source_set_time_relative(server->accept_again, ACCEPT_PAUSE_USEC);
    sd_event_source_set_enabled(server->accept_again, SD_EVENT_ONESHOT);
}

void varlink_server_close_link(struct varlink_server *server, struct varlink_link *link)
{
    LIST_REMOVE(server->links, link);
    server->n_links--;
    varlink_link_free(link);
    if (server->accept_again)
        listeners_enable(server, true);
}

/* Says why to a client that cannot stay. What does not fit into an empty socket buffer is not said.
 */
static void refuse(struct varlink_server *server, int fd, const char *limit, unsigned maximum)
{
    char message[512];
    int n = snprintf(message, sizeof(message),
        "{\"error\":\"%s\",\"parameters\":{\"limit\":\"%s\",\"maximum\":%u}}",
        server->limits->error, limit, maximum);

    (void)send(fd, message, (size_t)n + 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static unsigned count_of_peer(const struct varlink_server *server, pid_t peer)
{
    unsigned n = 0;

    LIST_FOREACH (link, server->links) {
        if (link->peer == peer)
            n++;
    }
    return n;
}

static int add_link(
    struct varlink_server *server, int fd, bool restricted, pid_t peer, struct varlink_link **ret)
{
    struct varlink_link *link;

    int r = varlink_link_new(server, server->sockets, server->limits, fd, &link);
    if (r < 0)
        return r;
    link->restricted = restricted;
    link->peer = peer;
    LIST_ADD(server->links, link);
    server->n_links++;
    *ret = link;
    return 0;
}

static void admit(struct listener *listener, int fd_taken)
{
    struct varlink_server *server = listener->server;
    _cleanup_close_ int fd = fd_taken;
    struct varlink_link *link;
    struct ucred peer;
    socklen_t size = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return;
    if (peer.uid != server->user && peer.uid != 0) {
        log_warning("Refused a client of user %u", (unsigned)peer.uid);
        return;
    }
    if (server->n_links >= server->limits->connections) {
        refuse(server, fd, "connections", server->limits->connections);
        return;
    }
    if (count_of_peer(server, peer.pid) >= server->limits->connections_per_peer) {
        refuse(server, fd, "connections of one process", server->limits->connections_per_peer);
        return;
    }
    if (add_link(server, TAKE_FD(fd), listener->restricted, peer.pid, &link) < 0)
        log_warning("A client could not be served: out of memory");
    else
        varlink_link_welcome(link);
}

/* Whether there was one. */
static bool accept_one(struct listener *listener)
{
    /* cppcheck-suppress nullPointer - accept4() takes it */
    int fd = accept4(listener->watch.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0)
        admit(listener, fd);
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        pause_accepting(listener->server);
    return fd >= 0;
}

static void on_accept(struct socket_watch *watch, uint32_t revents)
{
    struct listener *listener = (struct listener *)watch; /* its first member */

    for (int i = 0; i < ACCEPTED_A_TURN && accept_one(listener); i++)
        ;
}

int varlink_server_listen(struct varlink_server *server, int fd, bool restricted)
{
    if (server->n_listeners == LISTENERS_MAX)
        return -E2BIG;
    /* systemd's sockets wait for a client that has gone away again before it was accepted. */
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        return -errno;
    struct listener *listener = &server->listeners[server->n_listeners];
    *listener = (struct listener){
        .watch = {.fd = fd, .handler = on_accept}, .server = server, .restricted = restricted};
    int r = sockets_watch(server->sockets, &listener->watch, EPOLLIN);
    if (r < 0)
        return r;
    server->n_listeners++;
    return 0;
}

int varlink_server_connect(struct varlink_server *server, int fd, bool restricted)
{
    struct varlink_link *link;

    return add_link(server, fd, restricted, 0, &link);
}

static int on_patience_end(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct varlink_server *server = userdata;

    LIST_FOREACH (link, server->links)
        varlink_link_stop_now(link);
    return 0;
}

void varlink_server_stop(struct varlink_server *server)
{
    server->stopped = true;
    listeners_enable(server, false);
    sd_event_source_set_enabled(server->accept_again, SD_EVENT_OFF);
    LIST_FOREACH (link, server->links)
        varlink_link_stop(link);
    if (sd_event_add_time_relative(server->event, &server->patience, CLOCK_MONOTONIC, PATIENCE_USEC,
            0, on_patience_end, server) < 0)
        (void)on_patience_end(NULL, 0, server);
}

bool varlink_server_is_reading(const struct varlink_server *server)
{
    LIST_FOREACH (link, server->links) {
        if (!link->call)
            return true;
    }
    return false;
}

unsigned varlink_server_connections(const struct varlink_server *server)
{
    return server->n_links;
}

/* The server itself */

int varlink_server_add_interface(
    struct varlink_server *server, const struct varlink_interface *interface)
{
    if (server->n_interfaces == VARLINK_INTERFACES_MAX)
        return -E2BIG;
    server->interfaces[server->n_interfaces++] = interface;
    return 0;
}

const struct varlink_interface *varlink_server_interface(
    const struct varlink_server *server, size_t i)
{
    return i < server->n_interfaces ? server->interfaces[i] : NULL;
}

const struct varlink_about *varlink_server_about(const struct varlink_server *server)
{
    return &server->about;
}

int varlink_server_new(sd_event *event, const struct varlink_about *about,
    const struct varlink_limits *limits, struct varlink_server **ret)
{
    _cleanup_(varlink_server_freep) struct varlink_server *server = calloc(1, sizeof(*server));

    if (!server)
        return -ENOMEM;
    server->event = sd_event_ref(event);
    server->user = getuid();
    server->about = *about;
    server->limits = limits;
    int r = sockets_new(event, &server->sockets);
    if (r >= 0)
        r = sd_event_add_time_relative(event, &server->accept_again, CLOCK_BOOTTIME,
            ACCEPT_PAUSE_USEC, 0, on_accept_again, server);
    if (r >= 0)
        r = sd_event_source_set_enabled(server->accept_again, SD_EVENT_OFF);
    if (r < 0)
        return r;
    varlink_introspection(server, &server->introspection);
    r = varlink_server_add_interface(server, &server->introspection);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(server);
    return 0;
}

struct varlink_server *varlink_server_free(struct varlink_server *server)
{
    if (!server)
        return NULL;
    sd_event_source_disable_unref(server->accept_again);
    server->accept_again = NULL;
    sd_event_source_disable_unref(server->patience);
    while (server->links)
        varlink_server_close_link(server, server->links);
    for (size_t i = 0; i < server->n_listeners; i++) {
        sockets_ignore(server->sockets, &server->listeners[i].watch);
        close(server->listeners[i].watch.fd);
    }
    sockets_free(server->sockets);
    sd_event_unref(server->event);
    free(server);
    return NULL;
}
