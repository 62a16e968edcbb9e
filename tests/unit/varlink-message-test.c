/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/json.h"
#include "lib/varlink/message.h"

static struct json_object *parse(const char *text)
{
    struct json_object *object = NULL;

    assert_int_equal(json_parse(text, strlen(text), &object), 0);
    return object;
}

static void test_call_parse(void **state)
{
    static const struct {
        const char *text;
        int r;
    } cases[] = {
        {"{\"method\":\"a.B\"}", 0},
        {"{\"method\":\"a.B\",\"parameters\":{},\"more\":true,\"oneway\":false,\"upgrade\":false}",
            0},
        {"{\"method\":\"a.B\",\"parameters\":null,\"more\":null}", 0},
        {"{}", -EBADMSG},
        {"null", -EBADMSG},
        {"[]", -EBADMSG},
        {"\"a.B\"", -EBADMSG},
        {"{\"method\":null}", -EBADMSG},
        {"{\"method\":1}", -EBADMSG},
        {"{\"method\":\"a.B\",\"parameters\":[]}", -EBADMSG},
        {"{\"method\":\"a.B\",\"parameters\":\"x\"}", -EBADMSG},
        {"{\"method\":\"a.B\",\"more\":1}", -EBADMSG},
        {"{\"method\":\"a.B\",\"oneway\":\"true\"}", -EBADMSG},
        {"{\"method\":\"a.B\",\"unknown\":1}", -EBADMSG},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_json_ struct json_object *message = parse(cases[i].text);
        struct varlink_call_message call;
        ASSERT_CASE(varlink_call_parse(message, &call) == cases[i].r, cases[i].text);
    }
}

static void test_reply_parse(void **state)
{
    static const struct {
        const char *text;
        int r;
    } cases[] = {
        {"{}", 0},
        {"{\"parameters\":{}}", 0},
        {"{\"parameters\":{},\"continues\":true}", 0},
        {"{\"error\":\"a.B\",\"parameters\":{}}", 0},
        {"{\"error\":\"a.B\",\"continues\":false}", 0},
        {"{\"error\":\"a.B\",\"continues\":true}", -EBADMSG},
        {"{\"error\":1}", -EBADMSG},
        {"{\"parameters\":1}", -EBADMSG},
        {"{\"continues\":\"\"}", -EBADMSG},
        {"{\"unknown\":{}}", -EBADMSG},
        {"null", -EBADMSG},
        {"[]", -EBADMSG},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_json_ struct json_object *message = parse(cases[i].text);
        struct varlink_reply_message reply;
        ASSERT_CASE(varlink_reply_parse(message, &reply) == cases[i].r, cases[i].text);
    }
}

static void assert_text(struct json_object *message, const char *wanted)
{
    assert_string_equal(json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN), wanted);
}

static void test_build(void **state)
{
    _cleanup_json_ struct json_object *parameters = parse("{\"a\":1}"), *call = NULL, *bare = NULL;

    assert_int_equal(
        varlink_call_build(
            &(struct varlink_call_message){.method = "a.B", .parameters = parameters, .more = true},
            &call),
        0);
    assert_text(call, "{\"method\":\"a.B\",\"parameters\":{\"a\":1},\"more\":true}");
    assert_int_equal(
        varlink_call_build(&(struct varlink_call_message){.method = "a.B", .oneway = true}, &bare),
        0);
    assert_text(bare, "{\"method\":\"a.B\",\"parameters\":{},\"oneway\":true}");
}

static void test_what_is_built_can_be_parsed(void **state)
{
    _cleanup_json_ struct json_object *message = NULL;
    struct varlink_call_message call;

    assert_int_equal(
        varlink_call_build(
            &(struct varlink_call_message){.method = "a.B", .more = true, .upgrade = true},
            &message),
        0);
    assert_int_equal(varlink_call_parse(message, &call), 0);
    assert_string_equal(call.method, "a.B");
    assert_true(call.more && call.upgrade && !call.oneway);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call_parse),
        cmocka_unit_test(test_reply_parse),
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_what_is_built_can_be_parsed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
