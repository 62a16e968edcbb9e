/* SPDX-License-Identifier: MIT */

/* Which key is found, and which ones are refused. The first test is the start of the daemon; those
 * after it read again. */

#include "daemon/credentials.h"
#include "daemon/vault.h"
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/airstore-credentials-XXXXXX";
static char file[64], credential[64];

static void write_file(const char *path, const char *text, size_t size, mode_t mode)
{
    FILE *stream = fopen(path, "we");

    assert_non_null(stream);
    assert_int_equal(fwrite(text, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void set_key(const char *path, const char *key)
{
    write_file(path, key, strlen(key), 0600);
}

/* "KEY from SOURCE", "nothing", or what is wrong. */
static const char *find(void)
{
    static char text[1024];
    _cleanup_buffer_ struct buffer mistakes = {0};
    _cleanup_vault_ const char *key = NULL;
    _cleanup_free_ char *source = NULL;

    int r = credentials_find(file, &mistakes, &key, &source);
    assert_int_equal(!key, !source);
    if (r < 0)
        snprintf(text, sizeof(text), "%s", mistakes.data);
    else if (key)
        snprintf(text, sizeof(text), "%s from %s", key, source);
    else
        return "nothing";
    return text;
}

static void test_start(void **state)
{
    char expected[128];

    assert_int_equal(setenv("AIRSTORE_API_KEY", "of-environment", true), 0);
    set_key(file, "of-file\n");
    assert_string_equal(find(), "of-environment from environment variable AIRSTORE_API_KEY");
    assert_null(getenv("AIRSTORE_API_KEY"));
    /* Without systemd's credentials the order is the same later, too. */
    set_key(file, "of-new-file\n");
    assert_string_equal(find(), "of-environment from environment variable AIRSTORE_API_KEY");

    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", directory, true), 0);
    set_key(credential, "of-credential");
    set_key(file, "of-file\r\n");
    assert_string_equal(find(), "of-credential from systemd credential airstore-api-key");
    /* With them, the file that has changed is what they would be next time. */
    set_key(file, "of-new-file");
    snprintf(expected, sizeof(expected), "of-new-file from file %s", file);
    assert_string_equal(find(), expected);
    assert_int_equal(unlink(file), 0);
    assert_string_equal(find(), "of-environment from environment variable AIRSTORE_API_KEY");
}

/* In the place of a key, wherever that is: it is in the keyring. */
static void test_in_keyring(void **state)
{
    _cleanup_buffer_ struct buffer mistakes = {0};
    _cleanup_vault_ const char *key = NULL;
    _cleanup_free_ char *source = NULL;

    set_key(file, "keyring\n");
    assert_int_equal(credentials_read_file(file, &mistakes, &key, &source), 0);
    assert_null(key);
    assert_string_equal(source, "keyring");
}

static void test_others_can_read_it(void **state)
{
    _cleanup_buffer_ struct buffer mistakes = {0};
    const char *key = NULL;
    char *source = NULL;

    for (mode_t bit = 01; bit <= 040; bit <<= 1) {
        write_file(file, "secret", 6, 0600 | bit);
        assert_int_equal(credentials_read_file(file, &mistakes, &key, &source), -EPERM);
        assert_null(key);
        assert_non_null(strstr(mistakes.data, "chmod 600"));
        assert_null(strstr(mistakes.data, "secret"));
        buffer_clear(&mistakes);
    }
}

static void test_contents(void **state)
{
    static char long_key[5000];
    const struct {
        const char *name, *text;
        size_t size;
        const char *expected; /* NULL: refused; "": no key */
    } cases[] = {
        {"a key", "key", 3, "key"},
        {"with a line end", "key\n", 4, "key"},
        {"with blanks at the end", "key \r\n\n", 7, "key"},
        {"empty", "", 0, ""},
        {"line ends only", "\n\n", 2, ""},
        {"none", "none\n", 5, ""},
        {"two words", "a key", 5, NULL},
        {"two lines", "a\nkey", 5, NULL},
        {"a NUL", "a\0key", 5, NULL},
        {"a NUL at the end", "key\0", 4, NULL},
        {"not ASCII", "k\xc3\xa4y", 4, NULL},
        {"too long", long_key, sizeof(long_key), NULL},
    };

    memset(long_key, 'x', sizeof(long_key));
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_buffer_ struct buffer mistakes = {0};
        _cleanup_vault_ const char *key = NULL;
        _cleanup_free_ char *source = NULL;

        write_file(file, cases[i].text, cases[i].size, 0600);
        int r = credentials_read_file(file, &mistakes, &key, &source);
        ASSERT_CASE((r < 0) == !cases[i].expected, cases[i].name);
        ASSERT_CASE((mistakes.size > 0) == !cases[i].expected, cases[i].name);
        if (cases[i].expected)
            ASSERT_CASE(streq(key ? key : "", cases[i].expected), cases[i].name);
    }
}

static void test_no_file(void **state)
{
    _cleanup_buffer_ struct buffer mistakes = {0};
    const char *key = NULL;
    char *source = NULL;

    assert_int_equal(credentials_read_file("/nonexistent/key", &mistakes, &key, &source), 0);
    assert_null(key);
    assert_true(credentials_read_file(directory, &mistakes, &key, &source) < 0);
    assert_non_null(strstr(mistakes.data, "is not a file"));
}

static void test_is_key(void **state)
{
    assert_true(credentials_is_key("tok_1"));
    assert_false(credentials_is_key(""));
    assert_false(credentials_is_key("a b"));
    assert_false(credentials_is_key("a\r\nX: y"));
}

static int set_up(void **state)
{
    assert_non_null(mkdtemp(directory));
    snprintf(file, sizeof(file), "%s/api-key", directory);
    snprintf(credential, sizeof(credential), "%s/airstore-api-key", directory);
    return unsetenv("CREDENTIALS_DIRECTORY");
}

static int tear_down(void **state)
{
    (void)unlink(file);
    (void)unlink(credential);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_in_keyring),
        cmocka_unit_test(test_others_can_read_it),
        cmocka_unit_test(test_contents),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_is_key),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
