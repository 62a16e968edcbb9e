/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/buffer.h"

static void test_appends(void **state)
{
    _cleanup_buffer_ struct buffer buffer = {0};

    assert_int_equal(buffer_append(&buffer, "a\0b", 3), 0);
    assert_int_equal(buffer_append_string(&buffer, "cd"), 0);
    assert_int_equal(buffer_printf(&buffer, "-%d-%s", 42, "ef"), 0);
    assert_int_equal(buffer.size, 11);
    assert_memory_equal(buffer.data, "a\0bcd-42-ef", 12);
}

static void test_grows(void **state)
{
    _cleanup_buffer_ struct buffer buffer = {0};

    for (int i = 0; i < 10000; i++)
        assert_int_equal(buffer_append(&buffer, "0123456789", 10), 0);
    assert_int_equal(buffer.size, 100000);
    for (size_t i = 0; i < buffer.size; i++)
        assert_int_equal(buffer.data[i], '0' + (int)(i % 10));
    assert_int_equal(buffer.data[buffer.size], '\0');
}

static void test_limit_is_exact_and_leaves_it_unchanged(void **state)
{
    _cleanup_buffer_ struct buffer buffer = {.limit = 5};

    assert_int_equal(buffer_append_string(&buffer, "12345"), 0);
    assert_int_equal(buffer_append_string(&buffer, "6"), -EMSGSIZE);
    assert_int_equal(buffer_printf(&buffer, "%d", 6), -EMSGSIZE);
    assert_int_equal(buffer_append(&buffer, "", 0), 0);
    assert_string_equal(buffer.data, "12345");
    assert_int_equal(buffer_append(&buffer, "x", SIZE_MAX), -ENOMEM);
    assert_string_equal(buffer.data, "12345");
}

static void test_consume(void **state)
{
    _cleanup_buffer_ struct buffer buffer = {0};

    buffer_consume(&buffer, 3);
    assert_int_equal(buffer_append_string(&buffer, "abcdef"), 0);
    buffer_consume(&buffer, 0);
    assert_string_equal(buffer.data, "abcdef");
    buffer_consume(&buffer, 2);
    assert_string_equal(buffer.data, "cdef");
    /* What was behind is erased, not only cut off. */
    assert_int_equal(buffer.data[5], '\0');
    buffer_consume(&buffer, 100);
    assert_int_equal(buffer.size, 0);
    assert_string_equal(buffer.data, "");
}

/* Its name in quotes; "no" is refused. */
static int append_quoted(struct buffer *buffer, const char *name, const void *userdata)
{
    assert_ptr_equal(userdata, buffer);
    return strcmp(name, "no") == 0 ? -EINVAL : buffer_printf(buffer, "\"%s\"", name);
}

static void test_expand(void **state)
{
    static const struct {
        const char *text, *expanded;
    } cases[] = {
        {"", ""},
        {"plain}", "plain}"},
        {"{a}", "\"a\""},
        {"is {a}{b}.", "is \"a\"\"b\"."},
        {"{}", "\"\""},
        {"{a", "\"a\""},
    };
    struct buffer buffer = {0};

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(buffer_expand(&buffer, cases[i].text, append_quoted, &buffer), 0);
        assert_string_equal(buffer.data, cases[i].expanded);
        buffer_clear(&buffer);
    }
    assert_int_equal(buffer_expand(&buffer, "a{no}b", append_quoted, &buffer), -EINVAL);
    buffer_clear(&buffer);
}

static void test_take_and_clear(void **state)
{
    struct buffer buffer = {.limit = 100};

    assert_null(buffer_take(&buffer));
    assert_int_equal(buffer_append_string(&buffer, "abc"), 0);
    char *taken = buffer_take(&buffer);
    assert_string_equal(taken, "abc");
    free(taken);

    assert_int_equal(buffer.size, 0);
    assert_int_equal(buffer_append_string(&buffer, "def"), 0);
    buffer_clear(&buffer);
    buffer_clear(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.limit, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends),
        cmocka_unit_test(test_grows),
        cmocka_unit_test(test_limit_is_exact_and_leaves_it_unchanged),
        cmocka_unit_test(test_consume),
        cmocka_unit_test(test_expand),
        cmocka_unit_test(test_take_and_clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
