/* SPDX-License-Identifier: MIT */
#include "tests/interop/certification/certification.h"

#include "tests/interop/certification/interface.h"

#include <errno.h>
#include <stdio.h>

#define INTERFACE "org.varlink.certification"

#define PI "3.141592653589793"
#define FOUR_TYPES "'bool':false,'int':2,'float':" PI ",'string':'a lot of string'"
#define MY_TYPE                                                                                    \
    "'object':{'method':'" INTERFACE ".Test09','parameters':{'map':{'foo':'Foo','bar':'Bar'}}},"   \
    "'enum':'two','struct':{'first':1,'second':'2'},'array':['one','two','three'],"                \
    "'dictionary':{'foo':'Foo','bar':'Bar'},'stringset':{'one':{},'two':{},'three':{}},"           \
    "'interface':{'foo':[null,{'foo':'foo','bar':'bar'},null,{'one':'foo','two':'bar'}],"          \
    "'anon':{'foo':true,'bar':false}}"
#define REPLY(n) "'Reply number " #n "'"

/* The calls in their order. The texts have ' for ", so that they can be read. */
static const struct step {
    const char *method;
    const char *wants; /* its parameters, beside client_id */
    const char *reply; /* what it is answered with */
    bool more, oneway;
} steps[] = {
    {"Start", "{}", "{}"},
    {"Test01", "{}", "{'bool':true}"},
    {"Test02", "{'bool':true}", "{'int':1}"},
    {"Test03", "{'int':1}", "{'float':1.0}"},
    {"Test04", "{'float':1.0}", "{'string':'ping'}"},
    {"Test05", "{'string':'ping'}", "{" FOUR_TYPES "}"},
    {"Test06", "{" FOUR_TYPES "}", "{'struct':{" FOUR_TYPES "}}"},
    {"Test07", "{'struct':{" FOUR_TYPES "}}", "{'map':{'foo':'Foo','bar':'Bar'}}"},
    {"Test08", "{'map':{'foo':'Foo','bar':'Bar'}}", "{'set':{'one':{},'two':{},'three':{}}}"},
    {"Test09", "{'set':{'one':{},'two':{},'three':{}}}",
        "{'mytype':{" MY_TYPE ",'nullable':null,'nullable_array_struct':null}}"},
    {"Test10", "{'mytype':{" MY_TYPE "}}", NULL, .more = true},
    {"Test11",
        "{'last_more_replies':[" REPLY(1) "," REPLY(2) "," REPLY(3) "," REPLY(4) "," REPLY(
            5) "," REPLY(6) "," REPLY(7) "," REPLY(8) "," REPLY(9) "," REPLY(10) "]}",
        "{}", .oneway = true},
    {"End", "{}", "{'all_ok':true}"},
};

enum { START = 0, REPLIES_WITH_MORE = 10 };

/* Every parameter of every call: which of them it has to have is the matter of the comparison. */
static const char *const names[] = {
    "bool", "int", "float", "string", "struct", "map", "set", "mytype", "last_more_replies"};

struct parameters {
    const struct step *step; /* comes with the defaults of the method */
    const char *client_id;
    struct json_object *values[ARRAY_SIZE(names)];
};

static struct json_object *parse(const char *text)
{
    _cleanup_free_ char *json = strdup(text);
    struct json_object *object = NULL;

    for (char *c = json; c && *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    return json && json_parse(json, strlen(json), &object) >= 0 ? object : NULL;
}

/* Comparing */

static bool matches(struct json_object *wants, struct json_object *got);

/* A member that is null may as well be absent. */
static bool members_match(struct json_object *wants, struct json_object *got)
{
    struct json_object *other;

    json_object_object_foreach (got, got_name, got_value) {
        if (got_value && !json_object_object_get_ex(wants, got_name, NULL))
            return false;
    }
    json_object_object_foreach (wants, name, value) {
        if (!json_object_object_get_ex(got, name, &other) || !matches(value, other))
            return false;
    }
    return true;
}

static bool items_match(struct json_object *wants, struct json_object *got)
{
    if (json_object_array_length(wants) != json_object_array_length(got))
        return false;
    for (size_t i = 0; i < json_object_array_length(wants); i++) {
        if (!matches(json_object_array_get_idx(wants, i), json_object_array_get_idx(got, i)))
            return false;
    }
    return true;
}

static bool matches(struct json_object *wants, struct json_object *got)
{
    if (json_object_get_type(wants) != json_object_get_type(got))
        return false;
    switch (json_object_get_type(wants)) {
    case json_type_object:
        return members_match(wants, got);
    case json_type_array:
        return items_match(wants, got);
    default:
        return json_object_equal(wants, got);
    }
}

/* What came, without client_id. */
static struct json_object *received(const struct parameters *p)
{
    struct json_object *object = json_object_new_object();

    for (size_t i = 0; object && i < ARRAY_SIZE(names); i++) {
        if (p->values[i])
            (void)json_add(object, names[i], json_object_get(p->values[i]));
    }
    return object;
}

/* Failing */

static struct json_object *describe(
    const char *method, struct json_object *parameters, bool more, bool oneway)
{
    struct json_object *object = json_object_new_object();
    char name[64];

    snprintf(name, sizeof(name), "%s.%s", INTERFACE, method);
    if (!object || json_add_string(object, "method", name) < 0 ||
        json_add(object, "parameters", json_object_get(parameters)) < 0 ||
        (more && json_add_boolean(object, "more", true) < 0) ||
        (oneway && json_add_boolean(object, "oneway", true) < 0)) {
        json_object_put(object);
        return NULL;
    }
    return object;
}

static void fail(struct varlink_call *call, const struct step *due, const struct parameters *p)
{
    _cleanup_json_ struct json_object *wants = parse(due->wants), *got = received(p);
    _cleanup_json_ struct json_object *error = json_object_new_object();

    if (!error ||
        json_add(error, "wants", describe(due->method, wants, due->more, due->oneway)) < 0 ||
        json_add(error, "got",
            describe(p->step->method, got, varlink_call_more(call), varlink_call_oneway(call))) < 0)
        varlink_call_abandon(call);
    else
        varlink_call_fail(call, INTERFACE ".CertificationError", TAKE_PTR(error));
}

/* Answering */

static void reply(struct varlink_call *call, const struct step *step, const char *client_id)
{
    if (!step->more) {
        struct json_object *parameters = parse(step->reply);
        if (step == &steps[START])
            (void)json_add_string(parameters, "client_id", client_id);
        varlink_call_reply(call, parameters);
        return;
    }
    for (int i = 1; i <= REPLIES_WITH_MORE; i++) {
        struct json_object *parameters = json_object_new_object();
        char text[32];
        snprintf(text, sizeof(text), "Reply number %d", i);
        (void)json_add_string(parameters, "string", text);
        if (i < REPLIES_WITH_MORE)
            varlink_call_reply_more(call, parameters);
        else
            varlink_call_reply(call, parameters);
    }
}

static struct certification_client *add_client(struct certification *certification)
{
    unsigned n = certification->n_started++;
    struct certification_client *client = &certification->clients[n % CERTIFICATION_CLIENTS_MAX];

    snprintf(client->id, sizeof(client->id), "client-%u", n);
    client->next = START;
    return client;
}

static struct certification_client *find_client(struct certification *certification, const char *id)
{
    for (size_t i = 0; i < CERTIFICATION_CLIENTS_MAX; i++) {
        struct certification_client *client = &certification->clients[i];
        if (client->next > START && streq(client->id, id))
            return client;
    }
    return NULL;
}

static bool is_right(const struct varlink_call *call, const struct parameters *p)
{
    _cleanup_json_ struct json_object *wants = parse(p->step->wants), *got = received(p);

    return wants && got && matches(wants, got) && varlink_call_more(call) == p->step->more &&
           varlink_call_oneway(call) == p->step->oneway;
}

static void handle(struct varlink_call *call, const void *parameters, void *userdata)
{
    struct certification *certification = userdata;
    const struct parameters *p = parameters;
    struct certification_client *client = NULL;

    if (p->step == &steps[START])
        client = add_client(certification);
    else if (p->client_id)
        client = find_client(certification, p->client_id);

    if (!client) {
        varlink_call_fail(call, INTERFACE ".ClientIdError", NULL);
    } else if (p->step != &steps[client->next]) {
        fail(call, &steps[client->next], p);
    } else if (!is_right(call, p)) {
        client->next = START; /* it has failed */
        fail(call, p->step, p);
    } else {
        client->next = (client->next + 1) % ARRAY_SIZE(steps);
        reply(call, p->step, client->id);
    }
}

void certification_interface(struct certification *certification, struct varlink_interface *ret)
{
    static struct json_field fields[ARRAY_SIZE(names) + 2];
    static struct varlink_method methods[ARRAY_SIZE(steps)];
    static const struct varlink_method *list[ARRAY_SIZE(steps) + 1]; /* ended by NULL */
    static struct parameters defaults[ARRAY_SIZE(steps)];

    fields[0] = (struct json_field){
        "client_id", JSON_STRING, offsetof(struct parameters, client_id), false};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        fields[i + 1] = (struct json_field){
            names[i], JSON_VALUE, offsetof(struct parameters, values) + i * sizeof(void *), false};
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        defaults[i].step = &steps[i];
        methods[i] = (struct varlink_method){
            .name = steps[i].method,
            .parameters = fields,
            .defaults = &defaults[i],
            .size = sizeof(struct parameters),
            .handle = handle,
        };
        list[i] = &methods[i];
    }
    _Static_assert(sizeof(struct parameters) <= VARLINK_PARAMETERS_MAX, "the server has room");
    *ret = (struct varlink_interface){
        .name = INTERFACE,
        .description = certification_description,
        .methods = list,
        .userdata = certification,
    };
}
