/* SPDX-License-Identifier: MIT */

/* A build without libsecret says so, and does nothing. */

#include "daemon/desktop/keyring.h"
#include "tests/unit/unit.h"

#include <errno.h>

static void test_refused(void **state)
{
    const struct keyring_item item = {"https://api.airstore.ai/api/v1", NULL};
    char problem[KEYRING_PROBLEM_SIZE] = "";
    char *key = problem;

    assert_int_equal(keyring_store(&item, "secret", problem), -EIO);
    assert_non_null(strstr(problem, "libsecret"));
    problem[0] = '\0';
    assert_int_equal(keyring_look_up(&item, &key, problem), -EIO);
    assert_non_null(strstr(problem, "libsecret"));
    assert_ptr_equal(key, problem);
    problem[0] = '\0';
    assert_int_equal(keyring_clear(&item, problem), -EIO);
    assert_non_null(strstr(problem, "libsecret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
