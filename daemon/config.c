/* SPDX-License-Identifier: MIT */
#include "daemon/config.h"

#include "daemon/config-file.h"
#include "daemon/config-places.h"
#include "daemon/config-profiles.h"
#include "daemon/config-values.h"
#include "daemon/credentials.h"
#include "daemon/log.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <stdio.h>

#define MISTAKES_MAX ((size_t)4096)

static const char *on_value(
    const char *section, const char *key, const char *value, const char *source, void *userdata)
{
    return config_take(userdata, section, key, value, source);
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

/* All that can be read again, but for the keys. */
static int read_settings(struct config *config, const char *directory, struct buffer *mistakes)
{
    if (!config_add_profile(config, NULL))
        return -ENOMEM;
    int r = config_take_standards(config);
    if (r >= 0)
        r = config_files_read(directory, on_value, config, mistakes);
    if (r >= 0)
        r = config_take_environment(config, mistakes);
    return r < 0 ? r : config_inherit(config);
}

/*
 * After a mistake nothing is known for sure, the server to ask least of all: all is as if nobody
 * had said anything, and there is no key. What can be read of keys is read all the same, since that
 * also takes the one in the environment out of it.
 */
static int settle_for_nothing(struct config *config, const char *directory, struct buffer *mistakes)
{
    config_clear(config);
    if (!config_add_profile(config, NULL))
        return -ENOMEM;
    int r = config_take_standards(config);
    if (r >= 0)
        r = read_keys(config, directory);
    if (r < 0)
        return r;
    config_clear_key(&config->profiles[0]);
    config->mistakes = buffer_take(mistakes);
    return config->mistakes ? 0 : -ENOMEM;
}

static void log_mistake(const char *consequence, const char *mistakes)
{
    log_about(LOG_ERR, LOG_CONFIGURATION_MISTAKE, NULL, "%s%s", consequence, mistakes);
}

static void log_mistakes(const struct config *config)
{
    if (config->mistakes)
        log_mistake("The configuration cannot be used until it is corrected: ", config->mistakes);
    for (size_t i = 0; i < config->n_profiles; i++) {
        if (config->profiles[i].api_key_problem)
            log_mistake("", config->profiles[i].api_key_problem);
    }
}

int config_read(const char *address, struct config *ret)
{
    _cleanup_buffer_ struct buffer mistakes = {.limit = MISTAKES_MAX};
    _cleanup_(config_clear) struct config config = {0};
    _cleanup_free_ char *directory = NULL;

    int r = config_directory(&directory);
    if (r < 0)
        return r;
    r = read_settings(&config, directory, &mistakes);
    if (r >= 0)
        r = read_keys(&config, directory);
    if (r < 0 && mistakes.size > 0)
        r = settle_for_nothing(&config, directory, &mistakes);
    if (r >= 0)
        r = config_read_address(&config, address);
    if (r >= 0)
        r = config_read_state_directory(&config);
    if (r < 0)
        return r;
    log_mistakes(&config);
    *ret = config;
    config = (struct config){0};
    return 0;
}

/* A key that cannot be used: none is better than another one at the start, but not later. */
static int refuse_key_problems(const struct config *config, struct buffer *mistakes)
{
    int r = 0;

    for (size_t i = 0; i < config->n_profiles; i++) {
        if (config->profiles[i].api_key_problem) {
            mistake_note(mistakes, "%s", config->profiles[i].api_key_problem);
            r = -EINVAL;
        }
    }
    return r;
}

/* Keeps what there is. When that is nothing, people are told what is wrong now, and the log where
 * it is something new. */
static void keep(struct config *config, const char *mistakes)
{
    if (!config->mistakes) {
        log_mistake("The configuration cannot be used and stays as it was: ", mistakes);
    } else if (!streq(config->mistakes, mistakes) &&
               string_replace(&config->mistakes, mistakes) >= 0) {
        log_mistakes(config);
    }
}

int config_reload(struct config *config, char **ret_mistakes)
{
    _cleanup_buffer_ struct buffer mistakes = {.limit = MISTAKES_MAX};
    _cleanup_(config_clear) struct config read = {0};
    _cleanup_free_ char *directory = NULL;

    int r = config_directory(&directory);
    if (r >= 0)
        r = read_settings(&read, directory, &mistakes);
    if (r >= 0)
        r = read_keys(&read, directory);
    if (r >= 0 && !config->mistakes)
        r = refuse_key_problems(&read, &mistakes);
    if (r < 0) {
        if (mistakes.size > 0)
            keep(config, mistakes.data);
        *ret_mistakes = buffer_take(&mistakes);
        return r;
    }
    read.state_directory = TAKE_PTR(config->state_directory);
    read.socket_path = TAKE_PTR(config->socket_path);
    config_take_refusals(&read, config);
    config_clear(config);
    *config = read;
    read = (struct config){0};
    log_about(LOG_INFO, LOG_CONFIGURATION_READ, NULL, "The configuration was read again");
    log_mistakes(config);
    return 0;
}

void config_clear(struct config *config)
{
    for (size_t i = 0; i < config->n_profiles; i++)
        config_clear_profile(&config->profiles[i]);
    for (size_t i = 0; i < config->n_settings; i++)
        config_clear_setting(&config->settings[i]);
    free(config->profiles);
    free(config->settings);
    free(config->mistakes);
    free(config->state_directory);
    free(config->socket_path);
    *config = (struct config){0};
}
