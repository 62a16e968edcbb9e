/* SPDX-License-Identifier: MIT */
#include "daemon/config-values.h"

#include "daemon/config-places.h"
#include "daemon/config-profiles.h"
#include "lib/api/request.h"
#include "lib/base/environment.h"
#include "lib/base/memory.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>

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
    if (*value && !api_id_is_plain(value))
        return "is not the ID of a workspace: it has blanks or control characters, is too long or "
               "not UTF-8, or has a special meaning in URLs";
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
    {"callback-same-user", NULL, "yes", take_boolean, offsetof(struct config, callback_same_user)},
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

void config_clear_setting(struct setting *setting)
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

/* One value */

/* "[profile work]": the profile, made when it is new. NULL when the name is none, or memory runs
 * out. */
static struct profile *profile_of_section(struct config *config, const char *section)
{
    const char *name = section + strlen("profile ");

    if (!config_is_profile_name(name))
        return NULL;
    const struct profile *known = config_profile(config, name);
    return known ? (struct profile *)(uintptr_t)known : config_add_profile(config, name);
}

const char *config_take(struct config *config, const char *section, const char *name,
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
            table->standard ? config_take(config, section, table->name, table->standard, "default")
                            : NULL;
        if (problem)
            return -ENOMEM;
    }
    return 0;
}

/* On Windows' Linux, what the browser asks for is passed on by a process of root, which has no name
 * in the user namespace of our unit. */
static int take_standard_of_wsl(struct config *config)
{
    struct utsname name;

    if (uname(&name) < 0 || !strcasestr(name.release, "microsoft"))
        return 0;
    return config_take(config, "airstore", "callback-same-user", "no", "default on WSL") ? -ENOMEM
                                                                                         : 0;
}

int config_take_standards(struct config *config)
{
    int r = take_standards(config, "airstore", profile_keys);

    if (r >= 0)
        r = take_standards(config, "airstore", airstore_keys);
    if (r >= 0)
        r = take_standard_of_wsl(config);
    return r < 0 ? r : take_standards(config, "limits", limits_keys);
}

int config_take_environment(struct config *config, struct buffer *mistakes)
{
    for (const struct key *key = profile_keys; key->name; key++) {
        const char *value = key->environment ? environment(key->environment) : NULL;
        char source[128];

        if (!value)
            continue;
        snprintf(source, sizeof(source), "environment variable %s", key->environment);
        const char *problem = config_take(config, "airstore", key->name, value, source);
        if (problem) {
            mistake_note(mistakes, "%s: %s (set it otherwise, and start airstore-oauthd again)",
                key->environment, problem);
            return -EINVAL;
        }
    }
    return 0;
}
