/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/api/request.h"
#include "lib/base/json.h"
#include "lib/base/url.h"

#define BASE "https://api.airstore.ai/api/v1"

static void test_create_session(void **state)
{
    _cleanup_api_request_ struct api_request bare = {0}, full = {0};

    assert_int_equal(api_request_create_session(BASE, "gmail", NULL, NULL, &bare), 0);
    assert_string_equal(bare.method, "POST");
    assert_string_equal(bare.url, BASE "/oauth/sessions");
    assert_string_equal(bare.body, "{\"integration_type\":\"gmail\"}");

    assert_int_equal(
        api_request_create_session(BASE, "gmail", "ws_1", "http://127.0.0.1:1/callback/x", &full),
        0);
    assert_string_equal(full.body, "{\"integration_type\":\"gmail\",\"workspace_id\":\"ws_1\","
                                   "\"return_to\":\"http://127.0.0.1:1/callback/x\"}");
}

static void test_paths(void **state)
{
    _cleanup_api_request_ struct api_request get = {0}, list = {0}, delete = {0};

    assert_int_equal(api_request_get_session(BASE, "abc-123", &get), 0);
    assert_string_equal(get.method, "GET");
    assert_string_equal(get.url, BASE "/oauth/sessions/abc-123");
    assert_null(get.body);

    assert_int_equal(api_request_list_connections(BASE, "ws_1", &list), 0);
    assert_string_equal(list.method, "GET");
    assert_string_equal(list.url, BASE "/workspaces/ws_1/connections");
    assert_null(list.body);

    assert_int_equal(api_request_delete_connection(BASE, "ws_1", "c", &delete), 0);
    assert_string_equal(delete.method, "DELETE");
    assert_string_equal(delete.url, BASE "/workspaces/ws_1/connections/c");
    assert_null(delete.body);
}

static void test_segments_are_encoded(void **state)
{
    static const struct {
        const char *id, *encoded;
    } cases[] = {
        {"azAZ09-._~", "azAZ09-._~"},
        {"a/b", "a%2Fb"},
        {"../../admin", "..%2F..%2Fadmin"},
        {"...", "..."},
        {"a?b#c", "a%3Fb%23c"},
        {"a b", "a%20b"},
        {"100%", "100%25"},
        {"a\r\nHost: x", "a%0D%0AHost%3A%20x"},
        {"\xc3\xa4", "%C3%A4"},
        {"@:;=&+,$!*'()", "%40%3A%3B%3D%26%2B%2C%24%21%2A%27%28%29"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_api_request_ struct api_request request = {0};
        ASSERT_CASE(api_request_get_session(BASE, cases[i].id, &request) == 0, cases[i].id);
        assert_string_equal(request.url + strlen(BASE "/oauth/sessions/"), cases[i].encoded);
        ASSERT_CASE(url_problem(request.url) == NULL, cases[i].id);
    }
}

static void test_segments_that_are_refused(void **state)
{
    static char endless[URL_LENGTH_MAX + 2];
    const char *const cases[] = {"", ".", "..", "\xff", "a\xc3", "\xed\xa0\x80", endless};

    memset(endless, 'a', sizeof(endless) - 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct api_request request = {0};
        ASSERT_CASE(api_request_get_session(BASE, cases[i], &request) == -EINVAL, cases[i]);
        ASSERT_CASE(api_request_list_connections(BASE, cases[i], &request) == -EINVAL, cases[i]);
        ASSERT_CASE(
            api_request_delete_connection(BASE, "w", cases[i], &request) == -EINVAL, cases[i]);
        ASSERT_CASE(!request.method && !request.url && !request.body, cases[i]);
    }
}

static void test_bodies_that_are_refused(void **state)
{
    static const struct {
        const char *integration_type, *workspace_id, *return_to;
    } cases[] = {
        {"", NULL, NULL},
        {"Gmail", NULL, NULL},
        {"g mail", NULL, NULL},
        {"gmail\n", NULL, NULL},
        {"gmail", "", NULL},
        {"gmail", "\xff", NULL},
        {"gmail", NULL, ""},
        {"gmail", NULL, "http://127.0.0.1/\xc0\xaf"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct api_request request = {0};
        ASSERT_CASE(api_request_create_session(BASE, cases[i].integration_type,
                        cases[i].workspace_id, cases[i].return_to, &request) == -EINVAL,
            cases[i].integration_type);
        ASSERT_CASE(!request.url && !request.body, cases[i].integration_type);
    }
}

/* Whatever the strings hold, what is sent is JSON that says exactly them. */
static void test_strings_are_escaped(void **state)
{
    static const char *const cases[] = {"plain", "\"quoted\"", "back\\slash", "a/b",
        "\x01\x1f\b\f\n\r\t\x7f", "\xc3\xa4\xf0\x9f\x98\x80", "\",\"workspace_id\":\"evil",
        "</script>"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_api_request_ struct api_request request = {0};
        _cleanup_json_ struct json_object *body = NULL;
        const struct api_credentials credentials = {.access_token = cases[i]};
        struct json_object *token;

        ASSERT_CASE(api_request_create_connection(BASE, "w", "github", &credentials, &request) == 0,
            cases[i]);
        assert_int_equal(json_parse(request.body, strlen(request.body), &body), 0);
        assert_int_equal(json_object_object_length(body), 2);
        assert_true(json_object_object_get_ex(body, "access_token", &token));
        assert_string_equal(json_object_get_string(token), cases[i]);
    }
}

static void test_create_connection(void **state)
{
    _cleanup_api_request_ struct api_request token = {0}, key = {0};
    _cleanup_json_ struct json_object *extra = NULL;
    const char text[] = "{\"team\":\"a\",\"empty\":\"\"}";

    assert_int_equal(json_parse(text, strlen(text), &extra), 0);
    assert_int_equal(
        api_request_create_connection(BASE, "ws_1", "github",
            &(struct api_credentials){
                .access_token = "at", .refresh_token = "rt", .scope = "repo user", .extra = extra},
            &token),
        0);
    assert_string_equal(token.method, "POST");
    assert_string_equal(token.url, BASE "/workspaces/ws_1/connections");
    assert_string_equal(token.body,
        "{\"integration_type\":\"github\",\"access_token\":\"at\",\"refresh_token\":\"rt\","
        "\"scope\":\"repo user\",\"extra\":{\"team\":\"a\",\"empty\":\"\"}}");

    assert_int_equal(api_request_create_connection(BASE, "12", "posthog",
                         &(struct api_credentials){.api_key = "phc_x"}, &key),
        0);
    assert_string_equal(key.url, BASE "/workspaces/12/connections");
    assert_string_equal(key.body, "{\"integration_type\":\"posthog\",\"api_key\":\"phc_x\"}");
}

static void test_credentials_that_are_refused(void **state)
{
    _cleanup_json_ struct json_object *number = json_tokener_parse("{\"a\":1}"),
                                      *null = json_tokener_parse("{\"a\":null}"),
                                      *nul = json_object_new_object();
    json_object_object_add(nul, "a", json_object_new_string_len("x\0y", 3));
    const struct api_credentials cases[] = {
        {.access_token = ""},
        {.api_key = ""},
        {.access_token = "t", .scope = ""},
        {.access_token = "t", .refresh_token = ""},
        {.access_token = "\xff"},
        {.api_key = "k", .extra = number},
        {.api_key = "k", .extra = null},
        {.api_key = "k", .extra = nul},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct api_request request = {0};
        assert_int_equal(
            api_request_create_connection(BASE, "w", "github", &cases[i], &request), -EINVAL);
        assert_null(request.body);
    }
}

/* The longest of all that is plain fits into a request. */
static void test_plain_ids(void **state)
{
    static const char *const wrong[] = {"", ".", "..", "a b", "a\n", "\x7f", "\xff"};
    _cleanup_api_request_ struct api_request request = {0};
    _cleanup_free_ char *base_url = NULL;
    char id[256 + 2], url[4096 + 2];
    const char *problem;

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        ASSERT_CASE(!api_id_is_plain(wrong[i]), wrong[i]);
    memset(id, '%', sizeof(id));
    id[257] = '\0';
    assert_false(api_id_is_plain(id));
    id[256] = '\0';
    assert_true(api_id_is_plain(id));

    memset(url, 'x', sizeof(url));
    memcpy(url, "https://", strlen("https://"));
    url[4097] = '\0';
    assert_int_equal(api_base_url(url, &base_url, &problem), -EINVAL);
    url[4096] = '\0';
    assert_int_equal(api_base_url(url, &base_url, &problem), 0);
    assert_int_equal(api_request_delete_connection(base_url, id, id, &request), 0);
}

static void test_base_url(void **state)
{
    static const struct {
        const char *url, *wanted; /* NULL: refused */
    } cases[] = {
        {BASE, BASE},
        {BASE "/", BASE},
        {BASE "///", BASE},
        {"https://api.airstore.ai", "https://api.airstore.ai"},
        {"https://api.airstore.ai/", "https://api.airstore.ai"},
        {"http://127.0.0.1:8080/api/v1", "http://127.0.0.1:8080/api/v1"},
        {"http://localhost:8080", "http://localhost:8080"},
        {"", NULL},
        {"https://", NULL},
        {"https:///", NULL},
        {"http://api.airstore.ai", NULL},
        {"ftp://api.airstore.ai", NULL},
        {"https://user:pw@api.airstore.ai", NULL},
        {"https://api.airstore.ai/?a=b", NULL},
        {"https://api.airstore.ai/#a", NULL},
        {"https://api.airstore.ai/a b", NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *problem = NULL;
        char *base_url = NULL;
        int r = api_base_url(cases[i].url, &base_url, &problem);

        ASSERT_CASE(r == (cases[i].wanted ? 0 : -EINVAL), cases[i].url);
        if (cases[i].wanted)
            assert_string_equal(base_url, cases[i].wanted);
        else
            ASSERT_CASE(!base_url && problem && strlen(problem) > 0, cases[i].url);
        free(base_url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_session),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_segments_are_encoded),
        cmocka_unit_test(test_segments_that_are_refused),
        cmocka_unit_test(test_bodies_that_are_refused),
        cmocka_unit_test(test_strings_are_escaped),
        cmocka_unit_test(test_create_connection),
        cmocka_unit_test(test_credentials_that_are_refused),
        cmocka_unit_test(test_plain_ids),
        cmocka_unit_test(test_base_url),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
