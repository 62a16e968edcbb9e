/* SPDX-License-Identifier: MIT */

/* The keys in the keyring: which answer of the helper is taken. The helper, and the configuration
 * with its one profile, are here. */

#include "daemon/keys.h"

#include "daemon/desktop/client.h"
#include "daemon/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
/* cmocka wants those above before it. */
#include <cmocka.h>

static struct profile profile = {
    .base_url = (char *)"https://airstore.test", .key_in_keyring = true};

/* What the helper has been asked, at most one of each at a time. */
static struct {
    unsigned n_lookups;
    void (*looked_up)(const char *api_key, const char *problem, void *userdata);
    void *lookup;
    desktop_handler changed;
    void *change;
} helper;

int desktop_look_up_key(sd_event *event, const struct desktop_key *key,
    void (*handler)(const char *api_key, const char *problem, void *userdata), void *userdata,
    struct desktop_request **ret)
{
    helper.n_lookups++;
    helper.looked_up = handler;
    helper.lookup = userdata;
    return 0;
}

int desktop_store_key(sd_event *event, const struct desktop_key *key, const char *api_key,
    desktop_handler handler, void *userdata, struct desktop_request **ret)
{
    helper.changed = handler;
    helper.change = userdata;
    return 0;
}

int desktop_clear_key(sd_event *event, const struct desktop_key *key, desktop_handler handler,
    void *userdata, struct desktop_request **ret)
{
    return desktop_store_key(event, key, "", handler, userdata, ret);
}

struct desktop_request *desktop_forget(struct desktop_request *request)
{
    return NULL;
}

const struct profile *config_profile(const struct config *config, const char *name_or_null)
{
    return &profile;
}

void config_take_key(struct config *config, const struct profile *taker,
    const char *api_key_or_null, const char *problem_or_null)
{
    assert_null(problem_or_null);
    profile.api_key = api_key_or_null;
}

void config_note_refusal(
    struct config *config, const char *url, const char *api_key, const char *refusal_or_null)
{
}

static void on_looked_up(const struct profile *profile_or_null, void *userdata)
{
    ++*(unsigned *)userdata;
}

static void on_stored(const char *problem, void *userdata) {}

struct world {
    sd_event *event;
    struct keys *keys;
    unsigned n_taken;
};

static int set_up(void **state)
{
    static struct world world;

    world = (struct world){0};
    memset(&helper, 0, sizeof(helper));
    profile.api_key = NULL;
    *state = &world;
    assert_true(sd_event_new(&world.event) >= 0);
    return keys_new(world.event, NULL, on_looked_up, &world.n_taken, &world.keys);
}

static int tear_down(void **state)
{
    struct world *world = *state;

    keys_free(world->keys);
    sd_event_unref(world->event);
    return 0;
}

static void test_found(void **state)
{
    struct world *world = *state;

    assert_true(keys_want(world->keys, &profile));
    assert_true(keys_want(world->keys, &profile));
    assert_int_equal(helper.n_lookups, 1); /* it is asked once */
    helper.looked_up("tok_found", NULL, helper.lookup);
    assert_string_equal(profile.api_key, "tok_found");
    assert_int_equal(world->n_taken, 1);
    assert_false(keys_want(world->keys, &profile));
}

/* The person has waited to unlock the keyring, and stored another key first. */
static void test_replaced_meanwhile(void **state)
{
    struct world *world = *state;

    assert_true(keys_want(world->keys, &profile));
    assert_int_equal(keys_store(world->keys, &profile, "tok_new", on_stored, NULL), 0);
    helper.changed(NULL, helper.change);
    helper.looked_up("tok_old", NULL, helper.lookup);
    assert_null(profile.api_key);
    assert_int_equal(helper.n_lookups, 2);
    helper.looked_up("tok_new", NULL, helper.lookup);
    assert_string_equal(profile.api_key, "tok_new");
    assert_int_equal(world->n_taken, 1);
}

static void test_not_replaced_after_all(void **state)
{
    struct world *world = *state;

    assert_true(keys_want(world->keys, &profile));
    assert_int_equal(keys_store(world->keys, &profile, "tok_new", on_stored, NULL), 0);
    helper.changed("the keyring is locked", helper.change);
    helper.looked_up("tok_old", NULL, helper.lookup);
    assert_string_equal(profile.api_key, "tok_old");
    assert_int_equal(helper.n_lookups, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_replaced_meanwhile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_replaced_after_all, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
