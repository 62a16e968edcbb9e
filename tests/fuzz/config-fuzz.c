/* SPDX-License-Identifier: MIT */

/*
 * The configuration file, and behind a form feed the file with the API key. What is taken can be
 * worked with, and is the same when it is written down and read again; what is refused leaves what
 * was in force as it was, and says where the mistake is.
 */

#include "tests/fuzz/fuzz.h"

#include "daemon/config.h"
#include "lib/base/buffer.h"
#include "lib/base/json-scan.h"
#include "lib/base/timestamp.h"
#include "lib/base/url.h"

#include <errno.h>
#include <sys/stat.h>

static void set_up(void)
{
    static bool done;
    char path[128];

    if (done)
        return;
    done = true;
    snprintf(path, sizeof(path), "%s/airstore-oauthd", fuzz_directory());
    HOLDS(mkdir(path, 0700) == 0);
    setenv("XDG_CONFIG_HOME", fuzz_directory(), 1);
    setenv("HOME", fuzz_directory(), 1);
    setenv("STATE_DIRECTORY", fuzz_directory(), 1);
    unsetenv("XDG_RUNTIME_DIR");
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("AIRSTORE_API_KEY");
    unsetenv("AIRSTORE_BASE_URL");
    unsetenv("AIRSTORE_WORKSPACE_ID");
    unsetenv("AIRSTORE_OAUTHD_ADDRESS");
    unsetenv("BROWSER");
}

static void write_file(const char *name, const void *data, size_t size)
{
    char *path = fuzz_file(name, data, size);

    free(path);
}

static bool is_word(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text <= 0x20 || *text == 0x7f)
            return false;
    }
    return true;
}

static void is_a_profile(const struct profile *profile, bool standard)
{
    char text[CONFIG_TEXT_SIZE];

    HOLDS(standard == !profile->name);
    HOLDS(standard || config_is_profile_name(profile->name));
    HOLDS(profile->base_url && !url_problem(profile->base_url));
    HOLDS(!profile->workspace_id ||
          (*profile->workspace_id && is_word(profile->workspace_id) &&
              json_scan_is_utf8(profile->workspace_id, strlen(profile->workspace_id))));
    HOLDS(!profile->api_key_file || *profile->api_key_file == '/');
    HOLDS(!profile->api_key || (*profile->api_key && is_word(profile->api_key)));
    HOLDS(!profile->api_key || (profile->api_key_source && !profile->api_key_problem));
    HOLDS(config_no_key(profile, text) == text && strlen(text) < CONFIG_TEXT_SIZE);
}

static void is_sound(const struct config *config)
{
    HOLDS(config->n_profiles >= 1 && config_profile(config, NULL) == config->profiles);
    for (size_t i = 0; i < config->n_profiles; i++) {
        const struct profile *profile = &config->profiles[i];
        is_a_profile(profile, i == 0);
        HOLDS(config_profile(config, profile->name) == profile); /* no two of one name */
    }
    HOLDS(config->poll_interval_usec >= USEC_PER_SEC &&
          config->poll_interval_usec <= 20 * USEC_PER_SEC);
    HOLDS(config->connections_max >= 1 && config->connections_max <= 1000000);
    HOLDS(
        config->connections_per_process_max >= 1 && config->connections_per_process_max <= 1000000);
    HOLDS(config->pending_sessions_max >= 1 && config->pending_sessions_max <= 1000000);
    for (size_t i = 0; i < config->n_settings; i++) {
        const struct setting *setting = &config->settings[i];
        HOLDS(*setting->section && *setting->key && setting->value && *setting->source);
    }
}

static void is_same(const struct config *a, const struct config *b)
{
    HOLDS(a->n_settings == b->n_settings && a->n_profiles == b->n_profiles);
    for (size_t i = 0; i < a->n_settings; i++) {
        HOLDS(streq(a->settings[i].section, b->settings[i].section));
        HOLDS(streq(a->settings[i].key, b->settings[i].key));
        HOLDS(streq(a->settings[i].value, b->settings[i].value));
    }
    for (size_t i = 0; i < a->n_profiles; i++) {
        HOLDS(streq_or_null(a->profiles[i].name, b->profiles[i].name));
        HOLDS(streq(a->profiles[i].base_url, b->profiles[i].base_url));
        HOLDS(streq_or_null(a->profiles[i].workspace_id, b->profiles[i].workspace_id));
        HOLDS(streq_or_null(a->profiles[i].api_key, b->profiles[i].api_key));
    }
}

static void survives_writing(const struct config *config)
{
    _cleanup_buffer_ struct buffer text = {0};
    struct config again;

    HOLDS(buffer_append_string(&text, "# as it is in force\n") == 0);
    for (size_t i = 0; i < config->n_settings; i++) {
        const struct setting *setting = &config->settings[i];
        HOLDS(buffer_printf(
                  &text, "[%s]\n%s=%s\n", setting->section, setting->key, setting->value) == 0);
    }
    write_file("airstore-oauthd/airstore-oauthd.conf", text.data, text.size);
    HOLDS(config_read(NULL, &again) == 0 && !again.mistakes);
    is_same(config, &again);
    config_clear(&again);
}

static bool has_a_key_problem(const struct config *config)
{
    for (size_t i = 0; i < config->n_profiles; i++) {
        if (config->profiles[i].api_key_problem)
            return true;
    }
    return false;
}

/* A reload takes all of it or nothing. right: what config_read() made of the same files, or NULL.
 */
static void is_taken_whole_or_not_at_all(struct config *standing, const struct config *right)
{
    char *mistakes = NULL;
    int r = config_reload(standing, &mistakes);

    HOLDS((r == 0) == (right && !has_a_key_problem(right)));
    if (r == 0) {
        is_same(standing, right);
    } else {
        HOLDS(mistakes && *mistakes);
        HOLDS(standing->n_profiles == 1 && standing->poll_interval_usec == 7 * USEC_PER_SEC);
        HOLDS(streq(standing->profiles[0].api_key, FUZZ_SECRET));
    }
    HOLDS(streq(standing->socket_path, "/run/x"));
    free(mistakes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char good[] = "[airstore]\npoll-interval = 7s\n";
    struct fuzz_input key = {data, size}, file = fuzz_part(&key, '\f');
    struct config standing, config;

    if (fuzz_knows_secret(data, size))
        return 0;
    set_up();
    write_file("airstore-oauthd/airstore-oauthd.conf", good, strlen(good));
    write_file("airstore-oauthd/api-key", FUZZ_SECRET, strlen(FUZZ_SECRET));
    HOLDS(config_read("unix:/run/x", &standing) == 0);

    write_file("airstore-oauthd/airstore-oauthd.conf", file.at, file.left);
    write_file("airstore-oauthd/api-key", key.at, key.left);
    HOLDS(config_read(NULL, &config) == 0);
    HOLDS(!config.mistakes || *config.mistakes);
    is_taken_whole_or_not_at_all(&standing, config.mistakes ? NULL : &config);
    config_clear(&standing);
    is_sound(&config);
    if (!config.mistakes)
        survives_writing(&config);
    config_clear(&config);
    return 0;
}
