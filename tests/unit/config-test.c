/* SPDX-License-Identifier: MIT */

/* Files and environment, read into what is in force; and read again. */

#include "daemon/config.h"
#include "lib/base/memory.h"
#include "lib/base/timestamp.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[] = "/tmp/airstore-config-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/airstore-oauthd/%s", home, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *stream = fopen(path_of(name), "we");

    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static const struct setting *find(const struct config *config, const char *key)
{
    for (size_t i = 0; i < config->n_settings; i++) {
        if (streq(config->settings[i].key, key))
            return &config->settings[i];
    }
    fail_msg("%s is not in force", key);
    return NULL;
}

static void test_defaults(void **state)
{
    char text[CONFIG_TEXT_SIZE];
    struct config config;

    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    assert_string_equal(config.profiles[0].base_url, "https://api.airstore.ai/api/v1");
    assert_null(config.profiles[0].workspace_id);
    assert_null(config.profiles[0].api_key);
    assert_non_null(strstr(config_no_key(&config.profiles[0], text), "airstore-oauth login"));
    assert_true(config.notifications);
    assert_int_equal(config.poll_interval_usec, 10 * USEC_PER_SEC);
    assert_int_equal(config.connections_max, 1024);
    assert_int_equal(config.connections_per_process_max, 256);
    assert_int_equal(config.pending_sessions_max, 64);
    assert_string_equal(find(&config, "base-url")->source, "default");
    assert_string_equal(config.socket_path, "/tmp/socket");
    config_clear(&config);
}

static void test_order(void **state)
{
    struct config config;

    write_file("airstore-oauthd.conf", "[airstore]\nworkspace = ws_1\nnotifications = no\n"
                                       "[limits]\nconnections = 10\n");
    write_file("airstore-oauthd.conf.d/20.conf", "[airstore]\nworkspace = ws_3\n");
    write_file("airstore-oauthd.conf.d/10.conf", "[airstore]\nworkspace = ws_2\n");
    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    assert_string_equal(config.profiles[0].workspace_id, "ws_3");
    assert_false(config.notifications);
    assert_int_equal(config.connections_max, 10);
    assert_non_null(strstr(find(&config, "workspace")->source, "/20.conf:2"));
    assert_non_null(strstr(find(&config, "connections")->source, "/airstore-oauthd.conf:5"));
    config_clear(&config);

    assert_int_equal(setenv("AIRSTORE_WORKSPACE_ID", "ws_4", true), 0);
    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    assert_string_equal(config.profiles[0].workspace_id, "ws_4");
    assert_int_equal(unsetenv("AIRSTORE_WORKSPACE_ID"), 0);
    config_clear(&config);
}

static void test_reload(void **state)
{
    _cleanup_free_ char *mistakes = NULL;
    char expected[512];
    struct config config;

    write_file("airstore-oauthd.conf", "[airstore]\nworkspace = ws_1\n");
    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);

    write_file("airstore-oauthd.conf", "[airstore]\nworkspace = ws_2\ncolour = red\n");
    assert_int_equal(config_reload(&config, &mistakes), -EINVAL);
    snprintf(expected, sizeof(expected), "%s:3: there is no setting 'colour' in [airstore]",
        path_of("airstore-oauthd.conf"));
    assert_string_equal(mistakes, expected);
    assert_string_equal(config.profiles[0].workspace_id, "ws_1");

    write_file("airstore-oauthd.conf", "[airstore]\nworkspace = ws_2\n");
    assert_int_equal(config_reload(&config, &mistakes), 0);
    assert_string_equal(config.profiles[0].workspace_id, "ws_2");
    assert_string_equal(config.socket_path, "/tmp/socket");
    config_clear(&config);
}

static void test_key_problem(void **state)
{
    char text[CONFIG_TEXT_SIZE];
    _cleanup_free_ char *mistakes = NULL;
    struct config config;

    write_file("api-key", "secret\n");
    assert_int_equal(chmod(path_of("api-key"), 0644), 0);
    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    assert_null(config.profiles[0].api_key);
    assert_non_null(strstr(config_no_key(&config.profiles[0], text), "chmod 600"));
    assert_true(config_reload(&config, &mistakes) < 0);
    assert_non_null(strstr(mistakes, "chmod 600"));
    assert_int_equal(chmod(path_of("api-key"), 0600), 0);
    assert_int_equal(config_reload(&config, &mistakes), 0);
    assert_string_equal(config.profiles[0].api_key, "secret");
    for (size_t i = 0; i < config.n_settings; i++)
        assert_string_not_equal(config.settings[i].value, "secret");
    config_clear(&config);
}

/* The key is there once it was found, or it is said why not. */
static void test_keyring(void **state)
{
    _cleanup_free_ char *mistakes = NULL;
    char text[CONFIG_TEXT_SIZE], file[512];
    struct config config;

    snprintf(file, sizeof(file), "[profile work]\napi-key-file = %s\n", path_of("api-key"));
    write_file("airstore-oauthd.conf", file);
    write_file("api-key", "keyring\n");
    assert_int_equal(chmod(path_of("api-key"), 0600), 0);
    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    const struct profile *work = config_profile(&config, "work");
    assert_true(work->key_in_keyring);
    assert_null(work->api_key);
    assert_string_equal(work->api_key_source, "keyring");
    assert_non_null(strstr(config_no_key(work, text), "unlocked first"));

    config_take_key(&config, work, NULL, "it is locked");
    assert_non_null(strstr(config_no_key(work, text), "it is locked"));
    assert_non_null(strstr(text, "login -p work"));
    config_take_key(&config, work, NULL, NULL);
    assert_non_null(strstr(config_no_key(work, text), "login --keyring -p work"));
    config_take_key(&config, work, "two words", NULL);
    assert_null(work->api_key);
    assert_null(strstr(config_no_key(work, text), "two words"));
    config_take_key(&config, work, "secret", NULL);
    assert_string_equal(work->api_key, "secret");
    assert_null(work->api_key_problem);

    /* It is asked for anew when the configuration is read again. */
    assert_int_equal(config_reload(&config, &mistakes), 0);
    assert_null(config_profile(&config, "work")->api_key);
    assert_true(config_profile(&config, "work")->key_in_keyring);
    config_clear(&config);
}

static void test_profiles(void **state)
{
    _cleanup_free_ char *mistakes = NULL;
    char text[CONFIG_TEXT_SIZE], file[512];
    struct config config;

    snprintf(file, sizeof(file),
        "[profile work]\nworkspace = ws_work\napi-key-file = %s\n"
        "[profile home]\nbase-url = http://127.0.0.1:1/api/v1\n"
        "[airstore]\nbase-url = http://127.0.0.1:2/api/v1\nworkspace = ws_1\n",
        path_of("api-key"));
    write_file("airstore-oauthd.conf", file);
    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    assert_int_equal(config.n_profiles, 3);
    assert_ptr_equal(config_profile(&config, NULL), &config.profiles[0]);
    assert_null(config_profile(&config, "play"));
    assert_non_null(strstr(config_no_profile("play", text), "[profile play]"));

    /* What it does not say is as in [airstore], though that comes later; but for whose it is. */
    const struct profile *work = config_profile(&config, "work");
    assert_string_equal(work->name, "work");
    assert_string_equal(work->base_url, "http://127.0.0.1:2/api/v1");
    assert_string_equal(work->workspace_id, "ws_work");
    assert_null(work->api_key);
    assert_non_null(strstr(config_no_key(work, text), "login -p work"));
    const struct profile *home_profile = config_profile(&config, "home");
    assert_string_equal(home_profile->base_url, "http://127.0.0.1:1/api/v1");
    assert_null(home_profile->workspace_id);
    assert_non_null(strstr(config_no_key(home_profile, text), "[profile home]"));

    write_file("api-key", "secret\n");
    assert_int_equal(chmod(path_of("api-key"), 0600), 0);
    assert_int_equal(setenv("AIRSTORE_BASE_URL", "http://127.0.0.1:3/api/v1", true), 0);
    assert_int_equal(config_reload(&config, &mistakes), 0);
    assert_int_equal(unsetenv("AIRSTORE_BASE_URL"), 0);
    work = config_profile(&config, "work");
    assert_string_equal(work->api_key, "secret");
    assert_string_equal(work->base_url, "http://127.0.0.1:3/api/v1");
    assert_string_equal(config_profile(&config, "home")->base_url, "http://127.0.0.1:1/api/v1");
    assert_null(config_profile(&config, "home")->api_key);

    write_file("airstore-oauthd.conf", "[airstore]\nworkspace = ws_1\n");
    assert_int_equal(config_reload(&config, &mistakes), 0);
    assert_null(config_profile(&config, "work"));
    config_clear(&config);
}

static void test_profile_names(void **state)
{
    static const char *const good[] = {"a", "work", "Work_2-b"};
    static const char *const bad[] = {"", "a b", "a@b", "a/b", "a\n", "ä",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
    struct config config;

    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        assert_true(config_is_profile_name(good[i]));
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_false(config_is_profile_name(bad[i]));
    write_file("airstore-oauthd.conf", "[profile a@b]\nworkspace = ws_1\n");
    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    assert_non_null(strstr(config.mistakes, "airstore-oauthd.conf:2: a profile's name"));
    config_clear(&config);
}

/* Nothing of a file with a mistake is used, and nothing of the others: who knows what was meant. */
static void test_mistake_at_start(void **state)
{
    _cleanup_free_ char *mistakes = NULL;
    struct config config;

    write_file("api-key", "secret\n");
    assert_int_equal(chmod(path_of("api-key"), 0600), 0);
    write_file("airstore-oauthd.conf",
        "[airstore]\nbase-url = http://127.0.0.1:1/api/v1\ncolour = red\n[profile work]\n");
    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    assert_non_null(strstr(config.mistakes, "airstore-oauthd.conf:3: there is no setting"));
    assert_int_equal(config.n_profiles, 1);
    assert_null(config.profiles[0].api_key);
    assert_null(config.profiles[0].api_key_source);
    assert_string_equal(config.profiles[0].base_url, "https://api.airstore.ai/api/v1");
    assert_int_equal(config.pending_sessions_max, 64);

    write_file("airstore-oauthd.conf", "[airstore]\nshape = round\n");
    assert_int_equal(config_reload(&config, &mistakes), -EINVAL);
    assert_non_null(strstr(mistakes, "no setting 'shape'"));
    assert_string_equal(config.mistakes, mistakes);

    write_file("airstore-oauthd.conf", "[airstore]\nbase-url = http://127.0.0.1:1/api/v1\n");
    assert_int_equal(config_reload(&config, &mistakes), 0);
    assert_null(config.mistakes);
    assert_string_equal(config.profiles[0].base_url, "http://127.0.0.1:1/api/v1");
    assert_string_equal(config.profiles[0].api_key, "secret");
    config_clear(&config);
}

/* The variables of this process are those of whoever runs the tests. */
static int set_up(void **state)
{
    static const char *const variables[] = {"AIRSTORE_API_KEY", "AIRSTORE_BASE_URL",
        "AIRSTORE_WORKSPACE_ID", "BROWSER", "CREDENTIALS_DIRECTORY"};

    for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
        assert_int_equal(unsetenv(variables[i]), 0);
    assert_non_null(mkdtemp(home));
    assert_int_equal(setenv("XDG_CONFIG_HOME", home, true), 0);
    assert_int_equal(setenv("STATE_DIRECTORY", home, true), 0);
    assert_int_equal(mkdir(path_of(""), 0700), 0);
    return mkdir(path_of("airstore-oauthd.conf.d"), 0700);
}

static int remove_files(void **state)
{
    static const char *const names[] = {"airstore-oauthd.conf", "airstore-oauthd.conf.d/10.conf",
        "airstore-oauthd.conf.d/20.conf", "api-key"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        (void)unlink(path_of(names[i]));
    return 0;
}

static int tear_down(void **state)
{
    (void)rmdir(path_of("airstore-oauthd.conf.d"));
    (void)rmdir(path_of(""));
    return rmdir(home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_defaults, remove_files),
        cmocka_unit_test_teardown(test_order, remove_files),
        cmocka_unit_test_teardown(test_reload, remove_files),
        cmocka_unit_test_teardown(test_key_problem, remove_files),
        cmocka_unit_test_teardown(test_keyring, remove_files),
        cmocka_unit_test_teardown(test_profiles, remove_files),
        cmocka_unit_test_teardown(test_profile_names, remove_files),
        cmocka_unit_test_teardown(test_mistake_at_start, remove_files),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
