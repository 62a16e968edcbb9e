/* SPDX-License-Identifier: MIT */
#include "daemon/config.h"

#include "daemon/config-file.h"
#include "daemon/credentials.h"
#include "daemon/log.h"
#include "lib/api/request.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#define MISTAKES_MAX ((size_t)4096)

/* What can be set, where it goes, and how a value becomes what is kept. */

struct key {
    const char *name;
    const char *environment; /* goes first, for the default profile; or NULL */
    const char *standard;    /* the value when nobody says anything; or NULL */
    /* Returns NULL when the value is fine and was taken, else what is wrong: it fits behind "NAME
     * ". */
    const char *(*take)(const char *value, void *member);
    size_t offset;
};

static const char *take_string(const char *value, void *member)
{
    return string_replace(member, *value ? value : NULL) < 0 ? "does not fit into memory" : NULL;
}

static const char *take_base_url(const char *value, void *member)
{
    static char text[256];
    const char *problem;
    char *url;

    int r = api_base_url(value, &url, &problem);
    if (r == -EINVAL) {
        snprintf(text, sizeof(text),
            "cannot be used: the URL %s. The API key is sent there, so it has to be an https:// "
            "URL, or an "
            "http:// URL of this computer",
            problem);
        return text;
    }
    if (r < 0)
        return "does not fit into memory";
    free(*(char **)member);
    *(char **)member = url;
    return NULL;
}

/* For what others read by themselves. */
static const char *take_nothing(const char *value, void *member)
{
    return NULL;
}

static const char *take_workspace(const char *value, void *member)
{
    for (const char *c = value; *c; c++) {
        if ((unsigned char)*c <= 0x20 || *c == 0x7f || c - value > 255)
            return "is not the ID of a workspace: it has blanks or control characters, or is too "
                   "long";
    }
    return take_string(value, member);
}

static const char *take_path(const char *value, void *member)
{
    const char *home = getenv("HOME");
    char *path = NULL;

    if (strncmp(value, "~/", 2) == 0 && home) {
        if (asprintf(&path, "%s%s", home, value + 1) < 0)
            return "does not fit into memory";
        free(*(char **)member);
        *(char **)member = path;
        return NULL;
    }
    return *value && *value != '/' ? "has to begin with / or ~/" : take_string(value, member);
}

static const char *take_boolean(const char *value, void *member)
{
    if (streq(value, "yes") || streq(value, "true") || streq(value, "on"))
        *(bool *)member = true;
    else if (streq(value, "no") || streq(value, "false") || streq(value, "off"))
        *(bool *)member = false;
    else
        return "has to be yes or no";
    return NULL;
}

static const char *take_limit(const char *value, void *member)
{
    char *end;

    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno || end == value || *end || number < 1 || number > 1000000)
        return "has to be a number from 1 to 1000000";
    *(int64_t *)member = number;
    return NULL;
}

/* The server forgets a session half a minute after it was completed. */
static const char *take_interval(const char *value, void *member)
{
    char *end;

    errno = 0;
    long seconds = strtol(value, &end, 10);
    if (errno || end == value || (*end && !streq(end, "s")) || seconds < 1 || seconds > 20)
        return "has to be a time from 1s to 20s";
    *(int64_t *)member = seconds * USEC_PER_SEC;
    return NULL;
}

static const struct key profile_keys[] = {
    {"base-url", "AIRSTORE_BASE_URL", API_DEFAULT_BASE_URL, take_base_url,
        offsetof(struct profile, base_url)},
    {"workspace", "AIRSTORE_WORKSPACE_ID", NULL, take_workspace,
        offsetof(struct profile, workspace_id)},
    {"browser", "BROWSER", NULL, take_nothing, 0},
    {"api-key-file", NULL, NULL, take_path, offsetof(struct profile, api_key_file)},
    {0},
};

static const struct key airstore_keys[] = {
    {"notifications", NULL, "yes", take_boolean, offsetof(struct config, notifications)},
    {"poll-interval", NULL, "10s", take_interval, offsetof(struct config, poll_interval_usec)},
    {0},
};

static const struct key limits_keys[] = {
    {"connections", NULL, "1024", take_limit, offsetof(struct config, connections_max)},
    {"connections-per-process", NULL, "256", take_limit,
        offsetof(struct config, connections_per_process_max)},
    {"pending-sessions", NULL, "64", take_limit, offsetof(struct config, pending_sessions_max)},
    {0},
};

/* Settings */

static void setting_clear(struct setting *setting)
{
    free(setting->section);
    free(setting->key);
    free(setting->value);
    free(setting->source);
}

/* Notes down what is in force; a later value takes the place of an earlier one. */
static int note(struct config *config, const char *section, const char *key, const char *value,
    const char *source)
{
    struct setting *setting = NULL;

    for (size_t i = 0; i < config->n_settings; i++) {
        if (streq(config->settings[i].section, section) && streq(config->settings[i].key, key))
            setting = &config->settings[i];
    }
    if (!setting) {
        struct setting *more =
            reallocarray(config->settings, config->n_settings + 1, sizeof(*config->settings));
        if (!more)
            return -ENOMEM;
        config->settings = more;
        setting = &config->settings[config->n_settings++];
        *setting = (struct setting){0};
    }
    if (string_replace(&setting->section, section) < 0 || string_replace(&setting->key, key) < 0 ||
        string_replace(&setting->value, value) < 0 || string_replace(&setting->source, source) < 0)
        return -ENOMEM;
    return 0;
}

static const struct key *find_key(const struct key *table, const char *name)
{
    for (; table->name; table++) {
        if (streq(table->name, name))
            return table;
    }
    return NULL;
}

/* Profiles */

static void profile_clear(struct profile *profile)
{
    free(profile->name);
    free(profile->base_url);
    free(profile->workspace_id);
    free(profile->api_key_file);
    secret_free(profile->api_key);
    free(profile->api_key_source);
    free(profile->api_key_problem);
}

const struct profile *config_profile(const struct config *config, const char *name_or_null)
{
    if (!name_or_null)
        return &config->profiles[0];
    for (size_t i = 1; i < config->n_profiles; i++) {
        if (streq(config->profiles[i].name, name_or_null))
            return &config->profiles[i];
    }
    return NULL;
}

const char *config_no_key(const struct profile *profile, char text[static CONFIG_TEXT_SIZE])
{
    if (profile->api_key_problem)
        snprintf(text, CONFIG_TEXT_SIZE, "%s", profile->api_key_problem);
    else if (profile->key_in_keyring)
        snprintf(text, CONFIG_TEXT_SIZE,
            "the API key is in the keyring, which has to be unlocked first: a window on your "
            "desktop asks for its password; then try again");
    else if (!profile->name)
        snprintf(text, CONFIG_TEXT_SIZE,
            "there is no Airstore API key: store one with 'airstore-oauth login', or set "
            "AIRSTORE_API_KEY in the environment of airstore-oauthd");
    else if (profile->api_key_file)
        snprintf(text, CONFIG_TEXT_SIZE,
            "there is no Airstore API key for the profile '%s': store one with "
            "'airstore-oauth login -p %s'",
            profile->name, profile->name);
    else
        snprintf(text, CONFIG_TEXT_SIZE,
            "there is no Airstore API key for the profile '%s': name a file for it with "
            "'api-key-file = ~/FILE' in the section [profile %s] of airstore-oauthd.conf",
            profile->name, profile->name);
    return text;
}

const char *config_no_profile(const char *name, char text[static CONFIG_TEXT_SIZE])
{
    snprintf(text, CONFIG_TEXT_SIZE,
        "there is no profile '%s': add a section [profile %s] with an api-key-file to "
        "airstore-oauthd.conf, then 'systemctl --user reload airstore-oauthd'",
        name, name);
    return text;
}

static struct profile *add_profile(struct config *config, const char *name)
{
    struct profile *more = reallocarray(config->profiles, config->n_profiles + 1, sizeof(*more));

    if (!more)
        return NULL;
    config->profiles = more;
    struct profile *profile = &config->profiles[config->n_profiles];
    *profile = (struct profile){0};
    if (string_replace(&profile->name, name) < 0)
        return NULL;
    config->n_profiles++;
    return profile;
}

/* What a profile does not say is as in [airstore], wherever in the files that stands. */
static int inherit(struct config *config)
{
    const struct profile *standard = &config->profiles[0];
    int r = 0;

    for (size_t i = 1; r >= 0 && i < config->n_profiles; i++) {
        struct profile *profile = &config->profiles[i];
        if (!profile->base_url)
            r = string_replace(&profile->base_url, standard->base_url);
    }
    return r;
}

bool config_is_profile_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    return n > 0 && n <= 64 && name[n] == '\0';
}

/* One value */

/* "[profile work]": the profile, made when it is new. NULL when the name is none, or memory runs
 * out. */
static struct profile *profile_of_section(struct config *config, const char *section)
{
    const char *name = section + strlen("profile ");

    if (!config_is_profile_name(name))
        return NULL;
    const struct profile *known = config_profile(config, name);
    return known ? (struct profile *)(uintptr_t)known : add_profile(config, name);
}

/* Takes one value. Returns NULL, or what is wrong with it. */
static const char *take(struct config *config, const char *section, const char *name,
    const char *value, const char *source)
{
    static char text[512];
    const struct key *key = NULL;
    void *target = config;

    if (streq(section, "limits")) {
        key = find_key(limits_keys, name);
    } else if (streq(section, "airstore")) {
        key = find_key(airstore_keys, name);
        if (!key) {
            key = find_key(profile_keys, name);
            target = &config->profiles[0];
        }
    } else if (strncmp(section, "profile ", strlen("profile ")) == 0) {
        target = profile_of_section(config, section);
        if (!target)
            return "a profile's name consists of at most 64 letters, digits, _ and -";
        key = find_key(profile_keys, name);
    } else {
        return "there is no such section: there are [airstore], [limits] and [profile NAME]";
    }
    if (!key) {
        snprintf(text, sizeof(text), "there is no setting '%s' in [%s]", name, section);
        return text;
    }
    const char *problem = key->take(value, (char *)target + key->offset);
    if (problem) {
        snprintf(text, sizeof(text), "%s %s", name, problem);
        return text;
    }
    return note(config, section, name, value, source) < 0 ? "does not fit into memory" : NULL;
}

static int take_standards(struct config *config, const char *section, const struct key *table)
{
    for (; table->name; table++) {
        const char *problem =
            table->standard ? take(config, section, table->name, table->standard, "default") : NULL;
        if (problem)
            return -ENOMEM;
    }
    return 0;
}

/* The value of a variable, NULL when it is unset or empty. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static int take_environment(struct config *config, struct buffer *mistakes)
{
    for (const struct key *key = profile_keys; key->name; key++) {
        const char *value = key->environment ? environment(key->environment) : NULL;
        char source[128];

        if (!value)
            continue;
        snprintf(source, sizeof(source), "environment variable %s", key->environment);
        const char *problem = take(config, "airstore", key->name, value, source);
        if (problem) {
            mistake_note(mistakes, "%s: %s", key->environment, problem);
            return -EINVAL;
        }
    }
    return 0;
}

/* Files */

static const char *on_value(
    const char *section, const char *key, const char *value, const char *source, void *userdata)
{
    return take(userdata, section, key, value, source);
}

/* What is wrong with a key is kept with its profile. */
static int read_key(struct profile *profile, const char *standard_file)
{
    _cleanup_buffer_ struct buffer mistakes = {.limit = MISTAKES_MAX};
    const char *file = profile->api_key_file ? profile->api_key_file : standard_file;
    int r = 0;

    if (!profile->name)
        r = credentials_find(file, &mistakes, &profile->api_key, &profile->api_key_source);
    else if (file)
        r = credentials_read_file(file, &mistakes, &profile->api_key, &profile->api_key_source);
    profile->key_in_keyring = profile->api_key_source && !profile->api_key;
    if (r >= 0 || r == -ENOMEM)
        return r;
    profile->api_key_problem = buffer_take(&mistakes);
    return profile->api_key_problem ? 0 : r;
}

static int read_keys(struct config *config, const char *directory)
{
    _cleanup_free_ char *file = NULL;
    int r = asprintf(&file, "%s/api-key", directory) < 0 ? -ENOMEM : 0;

    if (r < 0)
        file = NULL;
    for (size_t i = 0; r >= 0 && i < config->n_profiles; i++)
        r = read_key(&config->profiles[i], i == 0 ? file : NULL);
    return r;
}

/* All that can be read again. */
static int read_settings(struct config *config, struct buffer *mistakes)
{
    _cleanup_free_ char *directory = NULL;

    if (!add_profile(config, NULL))
        return -ENOMEM;
    int r = config_directory(&directory);
    if (r >= 0)
        r = take_standards(config, "airstore", profile_keys);
    if (r >= 0)
        r = take_standards(config, "airstore", airstore_keys);
    if (r >= 0)
        r = take_standards(config, "limits", limits_keys);
    if (r >= 0)
        r = config_files_read(directory, on_value, config, mistakes);
    if (r >= 0)
        r = take_environment(config, mistakes);
    if (r >= 0)
        r = inherit(config);
    return r < 0 ? r : read_keys(config, directory);
}

/* Places */

/* Makes a directory and those above it. */
static int make_directories(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int r = mkdir(path, 0700);
        int code = errno;
        *slash = '/';
        if (r < 0 && code != EEXIST)
            return -code;
    }
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    return 0;
}

static int read_state_directory(struct config *config)
{
    const char *given = environment("STATE_DIRECTORY"), *state = environment("XDG_STATE_HOME"),
               *home = environment("HOME");
    int n;

    if (given)
        n = asprintf(&config->state_directory, "%s", given);
    else if (state)
        n = asprintf(&config->state_directory, "%s/airstore-oauthd", state);
    else
        n = asprintf(&config->state_directory, "%s/.local/state/airstore-oauthd", home ? home : "");
    if (n < 0) {
        config->state_directory = NULL;
        return -ENOMEM;
    }
    int r = make_directories(config->state_directory);
    if (r < 0)
        log_error("Cannot create the state directory %s: %s. Set STATE_DIRECTORY to another one.",
            config->state_directory, strerror(-r));
    return r;
}

static int read_address(struct config *config, const char *address)
{
    const char *runtime = environment("XDG_RUNTIME_DIR");

    if (!address)
        address = environment("AIRSTORE_OAUTHD_ADDRESS");
    if (address && strncmp(address, "unix:/", strlen("unix:/")) != 0) {
        log_error(
            "The address has to look like unix:/run/user/1000/airstore-oauthd/ai.airstore.OAuth");
        return -EINVAL;
    }
    if (address)
        return string_replace(&config->socket_path, address + strlen("unix:"));
    if (!runtime) /* fine when systemd hands the socket over */
        return 0;
    if (asprintf(&config->socket_path, "%s/airstore-oauthd/ai.airstore.OAuth", runtime) < 0) {
        config->socket_path = NULL;
        return -ENOMEM;
    }
    return 0;
}

/* The whole */

int config_read(const char *address, struct config *ret)
{
    _cleanup_buffer_ struct buffer mistakes = {.limit = MISTAKES_MAX};
    struct config config = {0};

    int r = read_settings(&config, &mistakes);
    if (r >= 0)
        r = read_address(&config, address);
    if (r >= 0)
        r = read_state_directory(&config);
    if (r < 0) {
        config_clear(&config);
        return r;
    }
    *ret = config;
    return 0;
}

/* A key that cannot be used: none is better than another one at the start, but not later. */
static int refuse_key_problems(const struct config *config, struct buffer *mistakes)
{
    int r = 0;

    for (size_t i = 0; i < config->n_profiles; i++) {
        const char *problem = config->profiles[i].api_key_problem;
        if (problem) {
            (void)buffer_printf(mistakes, "%s%s", mistakes->size > 0 ? "; " : "", problem);
            r = -EINVAL;
        }
    }
    return r;
}

int config_reload(struct config *config, char **ret_mistakes)
{
    _cleanup_buffer_ struct buffer mistakes = {.limit = MISTAKES_MAX};
    struct config read = {0};

    int r = read_settings(&read, &mistakes);
    if (r >= 0)
        r = refuse_key_problems(&read, &mistakes);
    if (r < 0) {
        log_about(LOG_ERR, LOG_CONFIGURATION_MISTAKE, NULL,
            "The configuration cannot be used and stays as it was");
        config_clear(&read);
        *ret_mistakes = buffer_take(&mistakes);
        return r;
    }
    read.state_directory = TAKE_PTR(config->state_directory);
    read.socket_path = TAKE_PTR(config->socket_path);
    config_clear(config);
    *config = read;
    log_about(LOG_INFO, LOG_CONFIGURATION_READ, NULL, "The configuration was read again");
    return 0;
}

void config_take_key(struct config *config, const struct profile *profile,
    const char *api_key_or_null, const char *problem_or_null)
{
    struct profile *target = &config->profiles[profile - config->profiles];
    const char *option = profile->name ? " -p " : "", *name = profile->name ? profile->name : "";

    free(target->api_key_problem);
    target->api_key_problem = NULL;
    target->api_key = secret_free(target->api_key);
    if (api_key_or_null && credentials_is_key(api_key_or_null)) {
        (void)string_replace(&target->api_key, api_key_or_null);
        return;
    }
    int n = problem_or_null
                ? asprintf(&target->api_key_problem,
                      "the API key cannot be had from the keyring: %s. Mend that and try again, or "
                      "store the key in a file with 'airstore-oauth login%s%s'",
                      problem_or_null, option, name)
                : asprintf(&target->api_key_problem,
                      "%s in the keyring: store one with 'airstore-oauth login --keyring%s%s'",
                      api_key_or_null ? "there is something else than an API key"
                                      : "there is no API key",
                      option, name);
    if (n < 0)
        target->api_key_problem = NULL;
}

void config_clear(struct config *config)
{
    for (size_t i = 0; i < config->n_profiles; i++)
        profile_clear(&config->profiles[i]);
    for (size_t i = 0; i < config->n_settings; i++)
        setting_clear(&config->settings[i]);
    free(config->profiles);
    free(config->settings);
    free(config->state_directory);
    free(config->socket_path);
    *config = (struct config){0};
}
