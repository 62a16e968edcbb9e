/* SPDX-License-Identifier: MIT */
#include "daemon/config-profiles.h"

#include "daemon/credentials.h"
#include "daemon/vault.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <stdio.h>

void config_clear_key(struct profile *profile)
{
    profile->api_key = vault_release(profile->api_key);
    free(profile->api_key_source);
    free(profile->api_key_problem);
    free(profile->api_key_refusal);
    profile->api_key_source = profile->api_key_problem = profile->api_key_refusal = NULL;
    profile->key_in_keyring = false;
}

void config_clear_profile(struct profile *profile)
{
    free(profile->name);
    free(profile->base_url);
    free(profile->workspace_id);
    free(profile->api_key_file);
    config_clear_key(profile);
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

void config_take_key(struct config *config, const struct profile *profile,
    const char *api_key_or_null, const char *problem_or_null)
{
    struct profile *target = &config->profiles[profile - config->profiles];
    const char *option = profile->name ? " -p " : "", *name = profile->name ? profile->name : "";

    free(target->api_key_problem);
    target->api_key_problem = NULL;
    (void)string_replace(&target->api_key_refusal, NULL);
    target->api_key = vault_release(target->api_key);
    if (api_key_or_null && credentials_is_key(api_key_or_null)) {
        target->api_key = vault_keep(api_key_or_null);
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

static void note_refusal(struct profile *profile, const char *refusal)
{
    char *text;

    if (asprintf(&text,
            "Airstore has refused the API key (%s): %s. Store another one with 'airstore-oauth "
            "login%s%s', unless this one only lacks a permission",
            profile->api_key_source ? profile->api_key_source : "", refusal,
            profile->name ? " -p " : "", profile->name ? profile->name : "") < 0)
        return;
    free(profile->api_key_refusal);
    profile->api_key_refusal = text;
}

void config_note_refusal(
    struct config *config, const char *url, const char *api_key, const char *refusal_or_null)
{
    for (size_t i = 0; i < config->n_profiles; i++) {
        struct profile *profile = &config->profiles[i];
        if (!profile->api_key || !streq(profile->api_key, api_key) ||
            strncmp(url, profile->base_url, strlen(profile->base_url)) != 0)
            continue;
        if (refusal_or_null)
            note_refusal(profile, refusal_or_null);
        else
            (void)string_replace(&profile->api_key_refusal, NULL);
    }
}

void config_take_refusals(struct config *config, struct config *before)
{
    for (size_t i = 0; i < config->n_profiles; i++) {
        struct profile *profile = &config->profiles[i];
        for (size_t k = 0; profile->api_key && k < before->n_profiles; k++) {
            struct profile *old = &before->profiles[k];
            if (streq_or_null(old->name, profile->name) &&
                streq_or_null(old->api_key, profile->api_key) &&
                streq(old->base_url, profile->base_url))
                profile->api_key_refusal = TAKE_PTR(old->api_key_refusal);
        }
    }
}

const char *config_no_profile(const char *name, char text[static CONFIG_TEXT_SIZE])
{
    snprintf(text, CONFIG_TEXT_SIZE,
        "there is no profile '%s': add a section [profile %s] with an api-key-file to "
        "airstore-oauthd.conf, then 'airstore-oauth config --reload'",
        name, name);
    return text;
}

struct profile *config_add_profile(struct config *config, const char *name)
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

int config_inherit(struct config *config)
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
