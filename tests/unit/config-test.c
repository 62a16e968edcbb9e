/* SPDX-License-Identifier: MIT */

/* Files and environment, read into what is in force; and read again. */

#include "daemon/config.h"
#include "lib/base/memory.h"
#include "lib/base/timestamp.h"
#include "tests/unit/unit.h"

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
    struct config config;

    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    assert_string_equal(config.profiles[0].base_url, "https://api.airstore.ai/api/v1");
    assert_null(config.profiles[0].workspace_id);
    assert_null(config.profiles[0].api_key);
    assert_non_null(strstr(config_no_key(&config.profiles[0]), "airstore-oauth login"));
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
    _cleanup_free_ char *mistakes = NULL;
    struct config config;

    write_file("api-key", "secret\n");
    assert_int_equal(chmod(path_of("api-key"), 0644), 0);
    assert_int_equal(config_read("unix:/tmp/socket", &config), 0);
    assert_null(config.profiles[0].api_key);
    assert_non_null(strstr(config_no_key(&config.profiles[0]), "chmod 600"));
    assert_true(config_reload(&config, &mistakes) < 0);
    assert_non_null(strstr(mistakes, "chmod 600"));
    assert_int_equal(chmod(path_of("api-key"), 0600), 0);
    assert_int_equal(config_reload(&config, &mistakes), 0);
    assert_string_equal(config.profiles[0].api_key, "secret");
    for (size_t i = 0; i < config.n_settings; i++)
        assert_string_not_equal(config.settings[i].value, "secret");
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
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
