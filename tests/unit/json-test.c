/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "lib/base/json-scan.h"
#include "lib/base/json-write.h"
#include "lib/base/json.h"

/* Text with its length, so that cases may hold a NUL. */
#define CASE(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

struct text {
    const char *data;
    size_t size;
};

static void test_accepts(void **state)
{
    static const struct text cases[] = {
        CASE("null"),
        CASE("true"),
        CASE(" false\r\n\t"),
        CASE("0"),
        CASE("-0"),
        CASE("42"),
        CASE("-1.5e-3"),
        CASE("1E5"),
        CASE("9223372036854775807"),
        CASE("-9223372036854775808"),
        CASE("123456789012345678901234567890.0"),
        CASE("\"\""),
        CASE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\""),
        CASE("\"\\ud83d\\ude00\""),
        CASE("\"\xf0\x9f\x98\x80 \xc3\xa4 \xe2\x82\xac \xf4\x8f\xbf\xbf\""),
        CASE("\"\x7f\""),
        CASE("[]"),
        CASE("[ 1 , [ ] , { } ]"),
        CASE("{}"),
        CASE("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}],\"\":null}"),
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_object *object = NULL;
        ASSERT_CASE(json_parse(cases[i].data, cases[i].size, &object) == 0, cases[i].data);
        json_object_put(object);
    }
}

static void test_refuses(void **state)
{
    static const struct text cases[] = {
        CASE(""),
        CASE(" "),
        CASE("\xef\xbb\xbf{}"),
        CASE("nul"),
        CASE("NULL"),
        CASE("True"),
        CASE("NaN"),
        CASE("Infinity"),
        CASE("-Infinity"),
        CASE("undefined"),
        CASE("+1"),
        CASE("-"),
        CASE("01"),
        CASE("-01"),
        CASE("1."),
        CASE(".5"),
        CASE("1e"),
        CASE("1e+"),
        CASE("0x10"),
        CASE("1 2"),
        CASE("9223372036854775808"),
        CASE("-9223372036854775809"),
        CASE("18446744073709551615"),
        CASE("99999999999999999999999999"),
        CASE("'a'"),
        CASE("\"a"),
        CASE("\"a\\"),
        CASE("\"\\x41\""),
        CASE("\"\\u12\""),
        CASE("\"\\u12g4\""),
        CASE("\"\\u0000\""),
        CASE("\"a\\u0000b\""),
        CASE("\"\\ud800\""),
        CASE("\"\\ud800\\n\""),
        CASE("\"\\ud800\\ud800\""),
        CASE("\"\\udc00\""),
        CASE("\"a\nb\""),
        CASE("\"a\tb\""),
        CASE("\"a\0b\""),
        CASE("{}\0"),
        CASE("{}\0{}"),
        CASE("\0{}"),
        CASE("\"\x80\""),
        CASE("\"\xff\""),
        CASE("\"\xc3\""),
        CASE("\"\xc0\xaf\""),         /* '/', overlong */
        CASE("\"\xe0\x80\xaf\""),     /* the same */
        CASE("\"\xf0\x80\x80\xaf\""), /* the same */
        CASE("\"\xed\xa0\x80\""),     /* a surrogate */
        CASE("\"\xf4\x90\x80\x80\""), /* beyond U+10FFFF */
        CASE("\"\xf5\x80\x80\x80\""),
        CASE("\"\xe2\x82"),
        CASE("["),
        CASE("]"),
        CASE("[1"),
        CASE("[1,"),
        CASE("[1,]"),
        CASE("[,1]"),
        CASE("[1 2]"),
        CASE("[1}"),
        CASE("{"),
        CASE("{\"a\""),
        CASE("{\"a\":"),
        CASE("{\"a\":1"),
        CASE("{\"a\":1,}"),
        CASE("{,\"a\":1}"),
        CASE("{a:1}"),
        CASE("{'a':1}"),
        CASE("{1:1}"),
        CASE("{\"a\" 1}"),
        CASE("{\"a\":1 \"b\":2}"),
        CASE("{\"a\":1,\"a\":2}"),
        CASE("{\"a\":1,\"\\u0061\":2}"),
        CASE("[{\"b\":{\"a\":1,\"a\":1}}]"),
        CASE("{\"a\":null,\"a\":null}"),
        CASE("{}x"),
        CASE("{}{}"),
        CASE("/* */{}"),
        CASE("{}// x"),
        CASE("[1,/**/2]"),
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_object *object = NULL;
        ASSERT_CASE(json_parse(cases[i].data, cases[i].size, &object) == -EBADMSG, cases[i].data);
        ASSERT_CASE(object == NULL, cases[i].data);
    }
}

static void test_every_cut_is_refused(void **state)
{
    static const char whole[] =
        "{\"a\":[1.5e3,true,null,\"\\ud83d\\ude00\xf0\x9f\x98\x80\"],\"b\":-12}";
    struct json_object *object = NULL;

    assert_int_equal(json_parse(whole, strlen(whole), &object), 0);
    json_object_put(object);
    for (size_t size = 0; size < strlen(whole); size++) {
        /* Of its exact size, so that ASan sees a byte read too far. */
        char *cut = malloc(size > 0 ? size : 1);
        assert_non_null(cut);
        memcpy(cut, whole, size);
        assert_int_equal(json_parse(cut, size, &object), -EBADMSG);
        free(cut);
    }
}

/* One value of so many levels: arrays, or objects in objects. */
static void append_nested(struct buffer *buffer, int depth, const char *open, const char *close)
{
    for (int i = 0; i < depth; i++)
        assert_int_equal(buffer_append_string(buffer, open), 0);
    assert_int_equal(buffer_append_string(buffer, "0"), 0);
    for (int i = 0; i < depth; i++)
        assert_int_equal(buffer_append_string(buffer, close), 0);
}

static void test_depth(void **state)
{
    static const struct {
        int depth, r;
    } cases[] = {
        {JSON_DEPTH_MAX, 0}, {JSON_DEPTH_MAX + 1, -EBADMSG},
        {1000000, -EBADMSG}, /* would end any recursion without a limit */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_buffer_ struct buffer arrays = {0}, objects = {0};
        _cleanup_json_ struct json_object *array = NULL, *object = NULL;

        append_nested(&arrays, cases[i].depth, "[", "]");
        append_nested(&objects, cases[i].depth, "{\"a\":", "}");
        assert_int_equal(json_parse(arrays.data, arrays.size, &array), cases[i].r);
        assert_int_equal(json_parse(objects.data, objects.size, &object), cases[i].r);
    }
}

struct target {
    const char *string, *identifier;
    int64_t integer;
    bool boolean;
    struct json_object *object, *array, *map;
};

static const struct json_field table[] = {
    {"string", JSON_STRING, offsetof(struct target, string), true},
    {"identifier", JSON_IDENTIFIER, offsetof(struct target, identifier), false},
    {"integer", JSON_INTEGER, offsetof(struct target, integer), false},
    {"boolean", JSON_BOOLEAN, offsetof(struct target, boolean), false},
    {"object", JSON_OBJECT, offsetof(struct target, object), false},
    {"array", JSON_ARRAY, offsetof(struct target, array), false},
    {"map", JSON_STRING_MAP, offsetof(struct target, map), false},
    {0},
};

static struct json_object *parse(const char *text)
{
    struct json_object *object = NULL;

    assert_int_equal(json_parse(text, strlen(text), &object), 0);
    return object;
}

static void test_reads_every_type(void **state)
{
    _cleanup_json_ struct json_object *object =
        parse("{\"string\":\"s\",\"identifier\":12,\"integer\":-9223372036854775808,"
              "\"boolean\":true,\"object\":{\"a\":1},\"array\":[1,2],\"map\":{\"k\":\"v\"}}");
    struct target target = {0};
    const char *field = NULL;

    assert_int_equal(json_read(object, table, JSON_UNKNOWN_REFUSED, &target, &field), 0);
    assert_string_equal(target.string, "s");
    assert_string_equal(target.identifier, "12");
    assert_true(target.integer == INT64_MIN);
    assert_true(target.boolean);
    assert_int_equal(json_object_object_length(target.object), 1);
    assert_int_equal(json_object_array_length(target.array), 2);
    assert_int_equal(json_object_object_length(target.map), 1);
}

static void test_null_and_absent_keep_the_default(void **state)
{
    _cleanup_json_ struct json_object *object =
        parse("{\"string\":\"s\",\"integer\":null,\"unknown\":[]}");
    struct target target = {.integer = 7, .identifier = "default"};
    const char *field = NULL;

    assert_int_equal(json_read(object, table, JSON_UNKNOWN_IGNORED, &target, &field), 0);
    assert_true(target.integer == 7);
    assert_string_equal(target.identifier, "default");
}

static void test_names_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *field;
    } cases[] = {
        {"{}", "string"},
        {"null", "string"},
        {"{\"string\":null}", "string"},
        {"{\"string\":1}", "string"},
        {"{\"string\":true}", "string"},
        {"{\"string\":[]}", "string"},
        {"{\"string\":\"\",\"unknown\":null}", "unknown"},
        {"{\"string\":\"\",\"String\":1}", "String"},
        {"{\"string\":\"\",\"identifier\":1.5}", "identifier"},
        {"{\"string\":\"\",\"identifier\":true}", "identifier"},
        {"{\"string\":\"\",\"integer\":\"12\"}", "integer"},
        {"{\"string\":\"\",\"integer\":true}", "integer"},
        {"{\"string\":\"\",\"integer\":1.0}", "integer"},
        {"{\"string\":\"\",\"integer\":1e3}", "integer"},
        {"{\"string\":\"\",\"boolean\":0}", "boolean"},
        {"{\"string\":\"\",\"boolean\":\"true\"}", "boolean"},
        {"{\"string\":\"\",\"object\":[]}", "object"},
        {"{\"string\":\"\",\"array\":{}}", "array"},
        {"{\"string\":\"\",\"map\":[]}", "map"},
        {"{\"string\":\"\",\"map\":{\"a\":1}}", "map"},
        {"{\"string\":\"\",\"map\":{\"a\":null}}", "map"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_json_ struct json_object *object = parse(cases[i].text);
        struct target target = {0};
        const char *field = NULL;

        ASSERT_CASE(json_read(object, table, JSON_UNKNOWN_REFUSED, &target, &field) == -EINVAL,
            cases[i].text);
        ASSERT_CASE(field && strcmp(field, cases[i].field) == 0, cases[i].text);
    }
}

static void test_builds(void **state)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();
    _cleanup_buffer_ struct buffer buffer = {0};

    assert_int_equal(json_add_string(object, "string", "a/\"b\""), 0);
    assert_int_equal(json_add_string(object, "nothing", NULL), 0);
    assert_int_equal(json_add_integer(object, "integer", INT64_MIN), 0);
    assert_int_equal(json_add_boolean(object, "boolean", false), 0);
    assert_int_equal(json_add_time(object, "time", 0), 0);
    assert_int_equal(json_add(object, "list", json_object_new_array()), 0);
    assert_int_equal(json_append(&buffer, object), 0);
    assert_string_equal(buffer.data,
        "{\"string\":\"a/\\\"b\\\"\",\"integer\":-9223372036854775808,\"boolean\":false,"
        "\"time\":\"1970-01-01T00:00:00.000Z\",\"list\":[]}");

    buffer.limit = buffer.size + 3;
    assert_int_equal(json_append(&buffer, object), -EMSGSIZE);
}

static void test_writes(void **state)
{
    _cleanup_buffer_ struct buffer buffer = {0}, expected = {0};
    _cleanup_json_ struct json_object *object = NULL;
    static const char awkward[] = "\"\\/\b\f\n\r\t\x01\x7f \xc3\xa4";

    assert_int_equal(buffer_append_string(&buffer, "{"), 0);
    assert_int_equal(json_write_member(&buffer, "a", awkward), 0);
    assert_int_equal(json_write_member(&buffer, "nothing", NULL), 0);
    assert_int_equal(json_write_time(&buffer, "never", -1), 0);
    assert_int_equal(json_write_time(&buffer, "time", 0), 0);
    assert_int_equal(json_write_member(&buffer, "empty", ""), 0);
    assert_int_equal(buffer_append_string(&buffer, "}"), 0);

    /* Whatever json-c makes of it is what was meant. */
    assert_int_equal(json_parse(buffer.data, buffer.size, &object), 0);
    assert_string_equal(json_object_get_string(json_object_object_get(object, "a")), awkward);
    json_object_object_del(object, "a");
    assert_int_equal(json_append(&expected, object), 0);
    assert_string_equal(expected.data, "{\"time\":\"1970-01-01T00:00:00.000Z\",\"empty\":\"\"}");
}

static void test_decodes(void **state)
{
    static const char text[] =
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"\\u0001\\u007F\\u0080\\u07ff\\u0800\\uffFd\","
        "\"\\ud800\\udc00 \xc3\xa4 \\uDBFF\\uDFFF\"]";
    static const char *const meant[] = {"\"\\/\b\f\n\r\t",
        "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbd",
        "\xf0\x90\x80\x80 \xc3\xa4 \xf4\x8f\xbf\xbf"};
    _cleanup_json_ struct json_object *array = NULL;

    assert_int_equal(json_parse(text, strlen(text), &array), 0);
    for (size_t i = 0; i < ARRAY_SIZE(meant); i++)
        assert_string_equal(json_object_get_string(json_object_array_get_idx(array, i)), meant[i]);
}

static void test_utf8(void **state)
{
    assert_true(json_scan_is_utf8("", 0));
    assert_true(json_scan_is_utf8("a\0\xc3\xa4", 4));
    assert_false(json_scan_is_utf8("\xc3", 1));
    assert_false(json_scan_is_utf8("a\xff", 2));
}

/* A path in Latin-1, of the configuration perhaps, does not make a whole reply unreadable. */
static void test_writes_utf8_whatever_comes(void **state)
{
    _cleanup_json_ struct json_object *object = json_object_new_object();
    _cleanup_buffer_ struct buffer buffer = {0};

    assert_int_equal(buffer_append_string(&buffer, "before "), 0);
    assert_int_equal(json_add_string(object, "path", "/home/j\xf6rg/\xc3\xa4\xe2\x82"), 0);
    assert_int_equal(json_append(&buffer, object), 0);
    assert_string_equal(buffer.data, "before {\"path\":\"/home/j?rg/\xc3\xa4??\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_reads_every_type),
        cmocka_unit_test(test_null_and_absent_keep_the_default),
        cmocka_unit_test(test_names_what_is_wrong),
        cmocka_unit_test(test_builds),
        cmocka_unit_test(test_writes),
        cmocka_unit_test(test_decodes),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_writes_utf8_whatever_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
