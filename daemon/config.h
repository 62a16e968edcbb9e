/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the daemon was told: by its command line, its environment and its files, checked, and with
 * the place each value came from. Files can be read again while it runs; a mistake in one leaves
 * everything as it was. A mistake when the daemon starts leaves nothing to work with, but a daemon
 * that can say so.
 *
 *   $XDG_CONFIG_HOME/airstore-oauthd/airstore-oauthd.conf and airstore-oauthd.conf.d, INI,
 * later ones go first:
 *
 *     [airstore]             base-url, workspace, api-key-file, browser, notifications,
 *                            callback-same-user, poll-interval
 *     [limits]               connections, connections-per-process, pending-sessions
 *     [profile NAME]         base-url, workspace, api-key-file, browser; the base-url is that of
 *                            [airstore] where it does not say
 *
 * What browser says is the helper's business, which reads it by itself (desktop/choice.h).
 *
 * The environment goes before the files. A key that cannot be used is no reason not to start:
 * people are told when they ask for something.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whom to work for: an Airstore server, a key, a workspace. The first is the default; others have
 * names. */
struct profile {
    char *name; /* NULL for the default */
    char *base_url;
    char *workspace_id;    /* the default workspace, or NULL */
    char *api_key_file;    /* or NULL */
    const char *api_key;   /* in the vault; NULL: there is none */
    char *api_key_source;  /* where it came from, for people; NULL when there is none */
    char *api_key_problem; /* why what should be a key is not used; NULL when all is well */
    char *api_key_refusal; /* what Airstore says against the key, for people; NULL when nothing */
    bool key_in_keyring;   /* the key is NULL until somebody has asked for it there (keys.h) */
};

/* One value that is in force, for people. */
struct setting {
    char *section, *key, *value, *source;
};

struct config {
    struct profile *profiles;
    size_t n_profiles;
    bool notifications;
    bool callback_same_user;    /* whether browsers of other users are refused */
    int64_t poll_interval_usec; /* while nobody waits */
    int64_t connections_max, connections_per_process_max, pending_sessions_max;
    struct setting *settings;
    size_t n_settings;

    /* What was wrong when the daemon started, and is still: sentences with file and line. Nothing
     * that stands above is what anybody wanted, then. NULL when all is well. */
    char *mistakes;

    /* Fixed when the daemon starts. */
    char *state_directory; /* created when it was missing */
    char *socket_path;     /* where to listen when systemd has not handed a socket over; or NULL */
};

/*
 * Reads everything. address is that of --address, or NULL. Removes the API key from the
 * environment, so that no child gets it. What is wrong is in the log. 0, also when the files have a
 * mistake, which ret->mistakes tells; or negative errno, of the address and the state directory.
 */
int config_read(const char *address, struct config *ret);

/*
 * Reads the files and keys once more. On failure the configuration is as it was, and what is wrong
 * is in the log (once, however often it is tried) and in *ret_mistakes, which the caller frees and
 * which may be NULL without memory. 0 or negative errno.
 */
int config_reload(struct config *config, char **ret_mistakes);

/* What was found in the keyring for a profile whose key is there: the key, or why there is none.
 * The profile is one of the configuration. */
void config_take_key(struct config *config, const struct profile *profile,
    const char *api_key_or_null, const char *problem_or_null);

/* What Airstore said of a key that was sent to this URL: why it refuses it, or NULL when it does
 * not. Kept with the profile whose key it is, until the key is another one or works. */
void config_note_refusal(
    struct config *config, const char *url, const char *api_key, const char *refusal_or_null);

void config_clear(struct config *config);

/* NULL: the default. Returns NULL when there is no profile of that name. Borrowed until the
 * configuration is read again. */
const struct profile *config_profile(const struct config *config, const char *name_or_null);

/* Whether a profile could have this name: letters, digits, _ and -, at most 64 of them. */
bool config_is_profile_name(const char *name);

#define CONFIG_TEXT_SIZE 1024
/* What to tell people of a profile without a key, and of one that there is not: why, and what to
 * do. Both return text. */
const char *config_no_key(const struct profile *profile, char text[static CONFIG_TEXT_SIZE]);
const char *config_no_profile(const char *name, char text[static CONFIG_TEXT_SIZE]);
