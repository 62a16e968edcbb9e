/* SPDX-License-Identifier: MIT */
#include "tests/unit/client-fixture.h"

#include <curl/curl.h>
#include <stdlib.h>

struct sandbox_process *sandbox;
airstore_client *client;
airstore_error *error;

int client_set_up_sandbox(void **state)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    sandbox = sandbox_start();
    return 0;
}

int client_tear_down_sandbox(void **state)
{
    sandbox_stop(sandbox);
    curl_global_cleanup();
    return 0;
}

int client_set_up(void **state)
{
    sandbox_tell(sandbox, "POST", "reset", "{}");
    sandbox_tell(sandbox, "DELETE", "requests", NULL);
    setenv("AIRSTORE_BASE_URL", sandbox_base_url(sandbox), 1);
    setenv("AIRSTORE_API_KEY", SANDBOX_API_KEY, 1);
    error = NULL;
    return airstore_client_new(&client, NULL);
}

int client_tear_down(void **state)
{
    client = airstore_client_free(client);
    error = airstore_error_free(error);
    return 0;
}

void assert_error(int r, int wanted, airstore_error_class class, int status)
{
    assert_int_equal(r, wanted);
    assert_non_null(error);
    assert_int_equal(airstore_error_get_class(error), class);
    assert_int_equal(airstore_error_get_status(error), status);
    assert_true(strlen(airstore_error_get_message(error)) > 0);
    error = airstore_error_free(error);
}

void add_fault(const char *fault)
{
    sandbox_tell(sandbox, "POST", "faults", fault);
}

airstore_session *create_session(void)
{
    airstore_session *session = NULL;

    assert_int_equal(airstore_create_session(client, "gmail", "ws_1", NULL, &session, &error), 0);
    sandbox_tell(sandbox, "DELETE", "requests", NULL);
    return session;
}

void decide(const char *decision, const airstore_session *session)
{
    char body[256];

    snprintf(body, sizeof(body), "{\"session_id\":\"%s\"}", session->session_id);
    sandbox_tell(sandbox, "POST", decision, body);
}
