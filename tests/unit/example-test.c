/* SPDX-License-Identifier: MIT */

/* The example of libairstore, as a person would run it. */

#include "tests/unit/unit.h"

#include "lib/base/json.h"
#include "tests/unit/sandbox-process.h"

#include <curl/curl.h>
#include <stdlib.h>

static struct sandbox_process *sandbox;

static int set_up(void **state)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    sandbox = sandbox_start();
    setenv("AIRSTORE_BASE_URL", sandbox_base_url(sandbox), 1);
    setenv("AIRSTORE_API_KEY", SANDBOX_API_KEY, 1);
    return 0;
}

static int tear_down(void **state)
{
    sandbox_stop(sandbox);
    curl_global_cleanup();
    return 0;
}

/* Starts the example; its output is read from what is returned. */
static FILE *start_example(const char *arguments)
{
    const char *binary = getenv("CONNECT_EXAMPLE");
    char command[512];

    assert_non_null(binary);
    snprintf(command, sizeof(command), "exec '%s' %s", binary, arguments);
    FILE *output = popen(command, "re");
    assert_non_null(output);
    return output;
}

/* What the person does with the one session that there is. */
static void decide(const char *decision)
{
    _cleanup_json_ struct json_object *reply = sandbox_ask(sandbox, "GET", "sessions", NULL);
    struct json_object *sessions = NULL, *session_id = NULL;
    char body[256];

    assert_true(json_object_object_get_ex(reply, "sessions", &sessions));
    for (size_t i = 0; i < json_object_array_length(sessions); i++) {
        struct json_object *session = json_object_array_get_idx(sessions, i), *status = NULL;

        assert_true(json_object_object_get_ex(session, "status", &status));
        if (strcmp(json_object_get_string(status), "pending") == 0)
            json_object_object_get_ex(session, "session_id", &session_id);
    }
    assert_non_null(session_id);
    snprintf(body, sizeof(body), "{\"session_id\":\"%s\"}", json_object_get_string(session_id));
    sandbox_tell(sandbox, "POST", decision, body);
}

static void test_approved(void **state)
{
    FILE *output = start_example("gmail ws_1");
    char line[4096];

    assert_non_null(fgets(line, sizeof(line), output));
    assert_non_null(strstr(line, "Open this in a browser: http"));
    decide("approve");
    assert_non_null(fgets(line, sizeof(line), output));
    assert_true(strlen(line) > 1);
    assert_null(strchr(line, ' '));
    assert_null(fgets(line, sizeof(line), output));
    assert_int_equal(pclose(output), 0);
}

static void test_denied(void **state)
{
    FILE *output = start_example("github ws_1 2>&1");
    char line[4096];

    assert_non_null(fgets(line, sizeof(line), output));
    decide("deny");
    assert_non_null(fgets(line, sizeof(line), output));
    assert_non_null(strstr(line, "connect: OAuth session failed: "));
    assert_int_not_equal(pclose(output), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_approved),
        cmocka_unit_test(test_denied),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
