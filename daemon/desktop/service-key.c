/* SPDX-License-Identifier: MIT */

/*
 * The methods about the keyring. The library for it waits by blocking, which does no harm here:
 * systemd starts a helper for each connection, and the daemon opens one for each call.
 */

#include "daemon/desktop/keyring.h"
#include "daemon/desktop/service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <systemd/sd-bus.h>

struct key_parameters {
    const char *api_key, *base_url, *profile;
};

/* The caller is at the other end of the standard input. Without one, there is nothing to wait for.
 */
static void on_signal(int number)
{
    struct pollfd caller = {.fd = STDIN_FILENO};
    int code = errno;

    if (poll(&caller, 1, 0) > 0 && (caller.revents & (POLLHUP | POLLERR)))
        _exit(EXIT_SUCCESS);
    errno = code;
}

/* Whether to end when the caller hangs up, while there is no loop that would see it. */
static void mind_caller(bool wanted)
{
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    int flags = fcntl(STDIN_FILENO, F_GETFL);

    (void)sigaction(SIGIO, &action, NULL);
    (void)fcntl(STDIN_FILENO, F_SETOWN, getpid());
    (void)fcntl(STDIN_FILENO, F_SETFL, wanted ? flags | O_ASYNC : flags & ~O_ASYNC);
    if (wanted)
        on_signal(SIGIO); /* it may have been quicker */
}

/* There has to be a keyring to be asked; and from now on there is a key in this process, which
 * nobody is to look for. */
static const struct keyring *prepare(struct varlink_call *call)
{
    char problem[KEYRING_PROBLEM_SIZE];
    sd_bus *bus = NULL;

    int r = sd_bus_open_user(&bus);
    sd_bus_close_unref(bus);
    if (r < 0) {
        desktop_fail(call, "there is none here, for there is no session bus");
        return NULL;
    }
    const struct keyring *keyring = keyring_load(problem);
    if (!keyring) {
        desktop_fail(call, problem);
        return NULL;
    }
    mind_caller(true);
#if !defined(__SANITIZE_ADDRESS__) /* the leak check at exit attaches to the process */
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
    return keyring;
}

static const struct json_field store_fields[] = {
    {"api_key", JSON_STRING, offsetof(struct key_parameters, api_key), true},
    {"base_url", JSON_STRING, offsetof(struct key_parameters, base_url), true},
    {"profile", JSON_STRING, offsetof(struct key_parameters, profile), false},
    {0},
};

static const struct json_field item_fields[] = {
    {"base_url", JSON_STRING, offsetof(struct key_parameters, base_url), true},
    {"profile", JSON_STRING, offsetof(struct key_parameters, profile), false},
    {0},
};

static void finish(struct varlink_call *call, int r, const char *problem)
{
    mind_caller(false);
    if (r < 0)
        desktop_fail(call, problem);
    else
        varlink_call_reply(call, NULL);
}

static void store_key(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct key_parameters *p = parameters;
    char problem[KEYRING_PROBLEM_SIZE];
    const struct keyring *keyring = prepare(call);

    if (!keyring)
        return;
    int r = keyring->store(&(struct keyring_item){p->base_url, p->profile}, p->api_key, problem);
    finish(call, r, problem);
}

static void look_up_key(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct key_parameters *p = parameters;
    _cleanup_secret_ char *api_key = NULL;
    char problem[KEYRING_PROBLEM_SIZE];
    const struct keyring *keyring = prepare(call);

    if (!keyring)
        return;
    int r = keyring->look_up(&(struct keyring_item){p->base_url, p->profile}, &api_key, problem);
    mind_caller(false);
    if (r < 0) {
        desktop_fail(call, problem);
        return;
    }
    struct json_object *reply = json_object_new_object();
    if (!reply || json_add_string(reply, "api_key", api_key) < 0)
        varlink_call_abandon(call);
    else
        varlink_call_reply(call, json_object_get(reply));
    json_erase(reply);
}

static void clear_key(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct key_parameters *p = parameters;
    char problem[KEYRING_PROBLEM_SIZE];
    const struct keyring *keyring = prepare(call);

    if (!keyring)
        return;
    int r = keyring->clear(&(struct keyring_item){p->base_url, p->profile}, problem);
    finish(call, r, problem);
}

const struct varlink_method desktop_store_key = {
    .name = "StoreKey",
    .parameters = store_fields,
    .size = sizeof(struct key_parameters),
    .handle = store_key,
};

const struct varlink_method desktop_look_up_key = {
    .name = "LookUpKey",
    .parameters = item_fields,
    .size = sizeof(struct key_parameters),
    .handle = look_up_key,
};

const struct varlink_method desktop_clear_key = {
    .name = "ClearKey",
    .parameters = item_fields,
    .size = sizeof(struct key_parameters),
    .handle = clear_key,
};
