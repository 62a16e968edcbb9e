/* SPDX-License-Identifier: MIT */

/* login and logout: the API key, from the person to the file that the daemon reads, or to the
 * keyring that the file then names, and away. */

#include "cli/answer.h"
#include "cli/key-file.h"
#include "cli/outcome.h"
#include "cli/problem.h"
#include "cli/secret.h"
#include "cli/setting.h"
#include "cli/term.h"
#include "cli/workspace.h"
#include "lib/base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

/* The file that the daemon has the key of a profile from, as its configuration names it. */
static enum status find_profile_file(
    struct airstore_oauthd *oauthd, const char *profile, char **ret)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;
    enum status status;

    int r = airstore_oauthd_get_configuration(oauthd, &reply, &error);
    if (r < 0) {
        status = report_error(error, NULL);
        airstore_oauthd_error_free(error);
        return status;
    }
    const struct airstore_oauthd_setting *setting = setting_find(reply, profile, "api-key-file");
    if (setting && setting->value && *setting->value) {
        r = key_file_resolve(setting->value, ret);
        status = r < 0 ? report_code(r) : STATUS_DONE;
    } else {
        complain("The daemon does not know where to keep the key of the profile %s.", profile);
        advise("Put this into airstore-oauthd.conf, see airstore-oauthd.conf(5), and run: "
               "airstore-oauth config --reload");
        advise("[profile %s]", profile);
        advise("api-key-file = ~/.config/airstore-oauthd/api-key.%s", profile);
        status = STATUS_NOT_CONFIGURED;
    }
    airstore_oauthd_reply_free(reply);
    return status;
}

static enum status find_file(
    struct airstore_oauthd *oauthd, const struct arguments *arguments, char **ret)
{
    const char *profile = profile_of(arguments);
    int r = profile ? 0 : key_file_path(ret);

    if (profile)
        return find_profile_file(oauthd, profile, ret);

    if (r == -ENOENT) {
        complain("Neither XDG_CONFIG_HOME nor HOME says where to keep the API key.");
        advise("Set one of them.");
        return STATUS_FAILED;
    }
    return r < 0 ? report_code(r) : STATUS_DONE;
}

/* Has the daemon read its key again. */
static enum status reload(struct airstore_oauthd *oauthd)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;
    enum status status = STATUS_DONE;

    if (airstore_oauthd_reload(oauthd, &reply, &error) < 0)
        status = report_error(error, NULL);
    airstore_oauthd_reply_free(reply);
    airstore_oauthd_error_free(error);
    return status;
}

/* login */

static enum status check(
    struct airstore_oauthd *oauthd, const struct arguments *arguments, const char *key)
{
    char again[OPTIONS_SIZE];
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;
    enum status status = STATUS_DONE;

    if (airstore_oauthd_check_api_key(oauthd, key, &reply, &error) < 0) {
        if (error->status == 401 || error->status == 403) {
            complain_of(error, "Airstore does not accept this API key: %s", error->message);
            status = STATUS_NOT_CONFIGURED;
        } else if (error->parameter) {
            complain_of(error,
                "This is not an API key: it has blanks or unusual characters, or is too long.");
            status = STATUS_FAILED;
        } else {
            status = report_error(error, NULL);
        }
        advise("Nothing was stored. Try again with: airstore-oauth login%s",
            options_again(arguments, again));
    }
    airstore_oauthd_reply_free(reply);
    airstore_oauthd_error_free(error);
    return status;
}

static int show_login(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    const char *source = reply->status->api_key_source, *profile = profile_of(arguments);

    if (profile)
        say("airstore-oauthd uses it for the profile %s.", profile);
    else if (source)
        say("airstore-oauthd has its key from: %s.", source);
    else
        say("airstore-oauthd looks for its key elsewhere: see airstore-oauth config");
    if (!profile && !workspace_of(arguments) && !reply->status->default_workspace_id)
        say("No workspace is set. The key of a workspace connects without; the key of an "
            "organisation, list --refresh and add need -w WORKSPACE, or workspace = ws_… in "
            "airstore-oauthd.conf.");
    return 0;
}

/* The daemon says all there is to be said of a keyring that cannot be used. */
static enum status report_keyring(const struct airstore_oauthd_error *error)
{
    if (error->code != -ENOKEY)
        return report_error(error, NULL);
    complain_of(error, "%c%s", toupper((unsigned char)error->message[0]), error->message + 1);
    return STATUS_NOT_CONFIGURED;
}

/* Into the keyring, or with NULL out of it. It is said when that cannot be. */
static enum status change_keyring(struct airstore_oauthd *oauthd, const char *key_or_null)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;
    enum status status = STATUS_DONE;

    int r = key_or_null ? airstore_oauthd_store_api_key(oauthd, key_or_null, &reply, &error)
                        : airstore_oauthd_forget_api_key(oauthd, &reply, &error);
    if (r < 0) {
        status = report_keyring(error);
        say("%s", key_or_null ? "Nothing was stored. Without --keyring, the key is kept in a file "
                                "that only you can read."
                              : "The key is still in the keyring.");
    }
    airstore_oauthd_reply_free(reply);
    airstore_oauthd_error_free(error);
    return status;
}

/* Into the file, or into the keyring and a word about that into the file. */
static enum status store(
    struct airstore_oauthd *oauthd, const char *path, const char *key, bool in_keyring)
{
    bool was_in_keyring = key_file_says_keyring(path);
    enum status status = in_keyring ? change_keyring(oauthd, key) : STATUS_DONE;

    if (status != STATUS_DONE)
        return status;
    int r = key_file_write(path, in_keyring ? KEY_FILE_KEYRING : key);
    if (r < 0) {
        complain(
            "%s cannot be written: %s. The API key cannot be stored.", path, strerrordesc_np(-r));
        return STATUS_FAILED;
    }
    if (in_keyring)
        say("Airstore accepts the API key. It is stored in your keyring, as %s says from now on.",
            path);
    else
        say("Airstore accepts the API key. It is stored in %s.", path);
    if (was_in_keyring && !in_keyring)
        (void)change_keyring(oauthd, NULL);
    return STATUS_DONE;
}

/* Not all that is seen here can be seen in the daemon's sandbox. */
static enum status refuse_file(const char *profile, const char *path)
{
    complain("airstore-oauthd does not see %s.", path);
    advise("Name a file in ~/.config/airstore-oauthd as api-key-file of the profile %s, and store "
           "the key once more.",
        profile);
    return STATUS_FAILED;
}

/* Says where the daemon's key is from now: that is for the person to see, whatever was typed. */
static enum status show_source(
    struct airstore_oauthd *oauthd, const struct arguments *arguments, const char *path)
{
    const char *profile = profile_of(arguments);
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;

    int r = airstore_oauthd_get_status(oauthd, &reply, &error);
    if (r < 0 || !profile || reply->status->api_key_source)
        return answer(r, reply, error, arguments, show_login);
    airstore_oauthd_reply_free(reply);
    return refuse_file(profile, path);
}

static enum status login(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    char again[OPTIONS_SIZE];
    _cleanup_free_ char *path = NULL;
    _cleanup_secret_ char *key = NULL;

    enum status status = find_file(oauthd, arguments, &path);
    if (status != STATUS_DONE)
        return status;
    int r = secret_read("-", "API key", &key);
    if (r == -E2BIG)
        advise("Put it into a file, and try again with: airstore-oauth login%s < FILE",
            options_again(arguments, again));
    if (r < 0)
        return STATUS_FAILED;
    status = check(oauthd, arguments, key);
    if (status != STATUS_DONE)
        return status;
    status = store(oauthd, path, key, arguments->keyring);
    if (status == STATUS_DONE)
        status = reload(oauthd);
    return status != STATUS_DONE ? status : show_source(oauthd, arguments, path);
}

const struct verb verb_login = {
    .name = "login",
    .summary = "store the API key once Airstore accepts it",
    .description =
        "Asks for the API key, or takes it from the standard input when that is no terminal, and\n"
        "tries it. It is stored where only you can read it, and used by the daemon from then on.",
    .options =
        (const struct option_entry[]){
            OPTION_PROFILE,
            {"keyring", 0, NULL, "store it in the keyring of your desktop, not in a file",
                OPTION_FLAG, offsetof(struct arguments, keyring)},
            {0},
        },
    .run = login,
};

/* logout */

static int show_logout(const struct airstore_oauthd_reply *reply, const struct arguments *arguments)
{
    const char *source = reply->status->api_key_source, *profile = profile_of(arguments);

    if (profile)
        say("airstore-oauthd has no key for the profile %s any more. To store one: "
            "airstore-oauth login -p %s",
            profile, profile);
    else if (source)
        say("airstore-oauthd still has a key, from: %s.", source);
    else
        say("airstore-oauthd has no key any more. To store one: airstore-oauth login");
    return 0;
}

static enum status logout(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct airstore_oauthd_reply *reply = NULL;
    struct airstore_oauthd_error *error = NULL;
    _cleanup_free_ char *path = NULL;

    enum status status = find_file(oauthd, arguments, &path);
    if (!path)
        return status;
    bool in_keyring = key_file_says_keyring(path);
    if (in_keyring)
        status = change_keyring(oauthd, NULL);
    if (status != STATUS_DONE)
        return status;
    if (unlink(path) >= 0) {
        say("The API key in %s is removed.", in_keyring ? "your keyring" : path);
    } else if (errno == ENOENT || errno == ENOTDIR) {
        say("There is no API key in %s.", path);
    } else {
        complain("The API key in %s cannot be removed: %s.", path, strerrordesc_np(errno));
        return STATUS_FAILED;
    }
    status = reload(oauthd);
    if (status != STATUS_DONE)
        return status;
    int r = airstore_oauthd_get_status(oauthd, &reply, &error);
    return answer(r, reply, error, arguments, show_logout);
}

const struct verb verb_logout = {
    .name = "logout",
    .summary = "remove the API key that login has stored",
    .description = "Removes the API key that login has stored, here and from the daemon's memory.\n"
                   "At Airstore it stays valid.",
    .options = (const struct option_entry[]){OPTION_PROFILE, {0}},
    .run = logout,
};
