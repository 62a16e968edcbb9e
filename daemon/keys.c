/* SPDX-License-Identifier: MIT */
#include "daemon/keys.h"

#include "daemon/desktop/client.h"
#include "daemon/list.h"
#include "daemon/log.h"

#include <errno.h>
#include <stdio.h>

#define ENDING "airstore-oauthd is about to end"

/* A key that the keyring is being asked for. */
struct lookup {
    struct lookup *previous, *next;
    struct keys *keys;
    char *profile; /* NULL: the default */
    char *base_url;
    unsigned changes_seen; /* what it finds is of the time before the next one */
    struct desktop_request *request;
    struct waiter *waiters;
};

struct waiter {
    struct waiter *previous, *next;
    struct lookup *lookup;
    sd_event_source *timeout;
    void (*handler)(void *userdata);
    void *userdata;
};

/* A key that is being stored or removed. */
struct change {
    struct change *previous, *next;
    struct keys *keys;
    struct desktop_request *request;
    void (*handler)(const char *problem, void *userdata);
    void *userdata;
};

struct keys {
    sd_event *event;
    struct config *config;
    struct lookup *lookups;
    struct change *changes;
    unsigned n_changed; /* keys in the keyring, so far */
    void (*looked_up)(const struct profile *profile_or_null, void *userdata);
    void *userdata;
};

/* Looking up */

static void release(struct waiter *waiter)
{
    void (*handler)(void *userdata) = waiter->handler;
    void *userdata = waiter->userdata;

    LIST_REMOVE(waiter->lookup->waiters, waiter);
    sd_event_source_disable_unref(waiter->timeout);
    free(waiter);
    handler(userdata);
}

static void lookup_free(struct lookup *lookup)
{
    LIST_REMOVE(lookup->keys->lookups, lookup);
    desktop_forget(lookup->request);
    while (lookup->waiters)
        release(lookup->waiters);
    free(lookup->profile);
    free(lookup->base_url);
    free(lookup);
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
    release(userdata);
    return 0;
}

static void on_looked_up(const char *api_key, const char *problem, void *userdata);

static int ask(struct lookup *lookup)
{
    const struct desktop_key key = {lookup->base_url, lookup->profile};

    lookup->changes_seen = lookup->keys->n_changed;
    return desktop_look_up_key(lookup->keys->event, &key, on_looked_up, lookup, &lookup->request);
}

/* The configuration may have been read again meanwhile, and say something else; and what was found
 * may be a key that has been replaced since. */
static void on_looked_up(const char *api_key, const char *problem, void *userdata)
{
    struct lookup *lookup = userdata;
    struct keys *keys = lookup->keys;
    const struct profile *profile = config_profile(keys->config, lookup->profile);

    lookup->request = NULL;
    if (lookup->changes_seen != keys->n_changed && ask(lookup) >= 0)
        return;
    if (profile && profile->key_in_keyring && streq(profile->base_url, lookup->base_url)) {
        config_take_key(keys->config, profile, api_key, problem);
        if (!profile->api_key)
            log_warning(
                "%s", profile->api_key_problem ? profile->api_key_problem : "out of memory");
    }
    keys->looked_up(profile, keys->userdata);
    lookup_free(lookup);
}

static struct lookup *look_up(struct keys *keys, const struct profile *profile)
{
    LIST_FOREACH (lookup, keys->lookups) {
        if (streq_or_null(lookup->profile, profile->name) &&
            streq(lookup->base_url, profile->base_url))
            return lookup;
    }
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    if (!lookup)
        return NULL;
    lookup->keys = keys;
    LIST_ADD(keys->lookups, lookup);
    int r = string_replace(&lookup->profile, profile->name);
    if (r >= 0)
        r = string_replace(&lookup->base_url, profile->base_url);
    if (r >= 0)
        r = ask(lookup);
    if (r >= 0)
        return lookup;
    config_take_key(keys->config, profile, NULL, DESKTOP_NO_HELPER);
    lookup_free(lookup);
    return NULL;
}

bool keys_await(struct keys *keys, const struct profile *profile, void (*handler)(void *userdata),
    void *userdata)
{
    struct lookup *lookup =
        profile->key_in_keyring && !profile->api_key ? look_up(keys, profile) : NULL;
    struct waiter *waiter = lookup ? calloc(1, sizeof(*waiter)) : NULL;

    if (!waiter || sd_event_add_time_relative(keys->event, &waiter->timeout, CLOCK_BOOTTIME,
                       KEYS_WAIT_USEC, 0, on_timeout, waiter) < 0) {
        free(waiter);
        return false;
    }
    waiter->lookup = lookup;
    waiter->handler = handler;
    waiter->userdata = userdata;
    LIST_ADD(lookup->waiters, waiter);
    return true;
}

bool keys_want(struct keys *keys, const struct profile *profile)
{
    return profile->key_in_keyring && !profile->api_key && !profile->api_key_problem &&
           look_up(keys, profile);
}

/* Using */

void keys_note_answer(
    const char *url, const char *api_key, const struct api_error *error, void *userdata)
{
    const char *said = error->message ? error->message : api_error_class_name(error->class);
    enum api_key_verdict verdict = api_error_key_verdict(error);
    struct keys *keys = userdata;

    if (verdict != API_KEY_UNDECIDED)
        config_note_refusal(keys->config, url, api_key, verdict == API_KEY_REFUSED ? said : NULL);
}

/* Changing */

static void conclude(struct change *change, const char *problem)
{
    void (*handler)(const char *problem, void *userdata) = change->handler;
    void *userdata = change->userdata;

    LIST_REMOVE(change->keys->changes, change);
    desktop_forget(change->request);
    free(change);
    handler(problem, userdata);
}

static void on_changed(const char *problem, void *userdata)
{
    struct change *change = userdata;

    change->request = NULL;
    change->keys->n_changed += !problem;
    conclude(change, problem);
}

int keys_store(struct keys *keys, const struct profile *profile, const char *api_key_or_null,
    void (*handler)(const char *problem, void *userdata), void *userdata)
{
    const struct desktop_key key = {profile->base_url, profile->name};
    struct change *change = calloc(1, sizeof(*change));

    if (!change)
        return -ENOMEM;
    int r = api_key_or_null
                ? desktop_store_key(
                      keys->event, &key, api_key_or_null, on_changed, change, &change->request)
                : desktop_clear_key(keys->event, &key, on_changed, change, &change->request);
    if (r < 0) {
        free(change);
        return r;
    }
    change->keys = keys;
    change->handler = handler;
    change->userdata = userdata;
    LIST_ADD(keys->changes, change);
    return 0;
}

int keys_new(sd_event *event, struct config *config,
    void (*looked_up)(const struct profile *profile_or_null, void *userdata), void *userdata,
    struct keys **ret)
{
    struct keys *keys = calloc(1, sizeof(*keys));

    if (!keys)
        return -ENOMEM;
    keys->event = sd_event_ref(event);
    keys->config = config;
    keys->looked_up = looked_up;
    keys->userdata = userdata;
    *ret = keys;
    return 0;
}

struct keys *keys_free(struct keys *keys)
{
    if (!keys)
        return NULL;
    while (keys->lookups)
        lookup_free(keys->lookups);
    while (keys->changes)
        conclude(keys->changes, ENDING);
    sd_event_unref(keys->event);
    free(keys);
    return NULL;
}
