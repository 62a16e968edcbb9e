/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/keyring.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <libsecret/secret.h>
#include <stdbool.h>
#include <stdio.h>

/* What a keyring manager shows, and other programs could look for. */
static const SecretSchema schema = {
    .name = "ai.airstore.APIKey",
    .flags = SECRET_SCHEMA_NONE,
    .attributes =
        {
            {"base-url", SECRET_SCHEMA_ATTRIBUTE_STRING},
            {"profile", SECRET_SCHEMA_ATTRIBUTE_STRING},
        },
};

static void unref_table(GHashTable **table)
{
    g_hash_table_unref(*table);
}

static void unref_items(GList **items)
{
    g_list_free_full(*items, g_object_unref);
}

static void unref_value(SecretValue **value)
{
    if (*value)
        secret_value_unref(*value);
}

/* The default profile has no name. */
static const char *profile_of(const struct keyring_item *item)
{
    return item->profile ? item->profile : "";
}

#define LOCKED "it is locked, and was not unlocked"
#define NO_SERVICE                                                                                 \
    "there is none here: no program serves org.freedesktop.secrets, as GNOME Keyring and KWallet " \
    "do"

#define NO_COLLECTION                                                                              \
    "it has no default keyring, or that one is locked: create or unlock one with the program of "  \
    "your desktop for passwords and keys"

/* Services have several names for that, GNOME's that of an object that is not on the bus. */
static bool is_no_collection(const GError *error)
{
    return g_error_matches(error, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT) ||
           g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
           g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
}

/* Says what went wrong. The error is freed. */
static int refuse(char problem[static KEYRING_PROBLEM_SIZE], GError *error, const char *otherwise)
{
    const char *text = otherwise;

    if (g_error_matches(error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED) ||
        g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        text = LOCKED;
    } else if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)) {
        text = NO_SERVICE;
    } else if (is_no_collection(error)) {
        text = NO_COLLECTION;
    } else if (error) {
        (void)g_dbus_error_strip_remote_error(error);
        text = error->message;
    }
    snprintf(problem, KEYRING_PROBLEM_SIZE, "%s", text);
    g_clear_error(&error);
    return -EIO;
}

static int store(
    const struct keyring_item *item, const char *api_key, char problem[static KEYRING_PROBLEM_SIZE])
{
    _cleanup_free_ char *label = NULL;
    GError *error = NULL;

    if (asprintf(&label, "Airstore API key%s%s", item->profile ? " of the profile " : "",
            profile_of(item)) < 0)
        label = NULL;
    bool stored = secret_password_store_sync(&schema, SECRET_COLLECTION_DEFAULT,
        label ? label : "Airstore API key", api_key, NULL, &error, "base-url", item->base_url,
        "profile", profile_of(item), NULL);
    return stored && !error ? 0 : refuse(problem, error, LOCKED);
}

/* An item without a secret is one that stayed locked. */
static int take_secret(
    SecretItem *item, char **ret_api_key, char problem[static KEYRING_PROBLEM_SIZE])
{
    _cleanup_(unref_value) SecretValue *value = secret_item_get_secret(item);
    const char *text = value ? secret_value_get_text(value) : NULL;

    if (!value)
        return refuse(problem, NULL, LOCKED);
    char *copy = text ? strdup(text) : NULL;
    if (!copy)
        return refuse(problem, NULL, "what is in it is not text");
    *ret_api_key = copy;
    return 0;
}

/* All that there is; what is locked, the person is asked to unlock. */
static int search(
    const struct keyring_item *item, GList **ret, char problem[static KEYRING_PROBLEM_SIZE])
{
    _cleanup_(unref_table) GHashTable *attributes = secret_attributes_build(
        &schema, "base-url", item->base_url, "profile", profile_of(item), NULL);
    GError *error = NULL;

    GList *items = secret_service_search_sync(NULL, &schema, attributes,
        SECRET_SEARCH_ALL | SECRET_SEARCH_UNLOCK | SECRET_SEARCH_LOAD_SECRETS, NULL, &error);
    if (error)
        return refuse(problem, error, LOCKED);
    *ret = items;
    return 0;
}

static int look_up(
    const struct keyring_item *item, char **ret_api_key, char problem[static KEYRING_PROBLEM_SIZE])
{
    _cleanup_(unref_items) GList *items = NULL;

    int r = search(item, &items, problem);
    if (r < 0)
        return r;
    if (items)
        return take_secret(items->data, ret_api_key, problem);
    *ret_api_key = NULL;
    return 0;
}

static int clear(const struct keyring_item *item, char problem[static KEYRING_PROBLEM_SIZE])
{
    _cleanup_(unref_items) GList *items = NULL;
    GError *error = NULL;

    int r = search(item, &items, problem);
    for (GList *i = items; r >= 0 && i; i = i->next) {
        if (secret_item_get_locked(i->data) || !secret_item_delete_sync(i->data, NULL, &error))
            r = refuse(problem, error, LOCKED);
    }
    return r;
}

extern const struct keyring airstore_keyring;
__attribute__((visibility("default"))) const struct keyring airstore_keyring = {
    .store = store,
    .look_up = look_up,
    .clear = clear,
};
