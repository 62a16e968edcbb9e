/* SPDX-License-Identifier: MIT */

/* The vault: what nobody holds any more is gone, with its memory. */

#include "daemon/vault.h"
#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <unistd.h>

static bool is_mapped(const char *address)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    /* Writes nothing, for no file is behind it; but says whether there is anything. */
    int r = msync((void *)((uintptr_t)address & ~(page - 1)), page, MS_ASYNC);
    assert_true(r == 0 || errno == ENOMEM);
    return r == 0;
}

static void test_release(void **state)
{
    const char *key = vault_keep("tok_1"), *other = vault_keep("tok_2");

    assert_string_equal(key, "tok_1");
    assert_ptr_equal(vault_keep("tok_1"), key);
    assert_null(vault_release(key));
    assert_string_equal(key, "tok_1"); /* which is held once more */
    assert_true(is_mapped(key));
    assert_null(vault_release(key));
    assert_false(is_mapped(key));
    assert_string_equal(other, "tok_2");
    assert_null(vault_release(other));
    assert_false(is_mapped(other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_release)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
