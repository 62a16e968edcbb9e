/* SPDX-License-Identifier: MIT */
#include "cli/problem.h"

#include "cli/term.h"
#include "lib/base/json.h"
#include "lib/oauthd/words.h"

#include <stdarg.h>

/* The document as it grows. What there was no memory for is left out. */
static struct json_object *document;

static struct json_object *member(const char *name, struct json_object *make(void))
{
    struct json_object *value = NULL;

    if (!document)
        document = json_object_new_object();
    if (document && !json_object_object_get_ex(document, name, &value)) {
        value = make();
        if (json_add(document, name, value) < 0)
            value = NULL;
    }
    return value;
}

static struct json_object *new_text(void)
{
    return json_object_new_string("");
}

static void add_complaint(const char *text)
{
    struct json_object *message = member("message", new_text);
    _cleanup_free_ char *joined = NULL;

    if (!message)
        return;
    const char *before = json_object_get_string(message);
    if (asprintf(&joined, "%s%s%s", before, *before ? " " : "", text) >= 0)
        json_object_set_string(message, joined);
    else
        joined = NULL;
}

static void add_advice(const char *text)
{
    struct json_object *all = member("advice", json_object_new_array);

    if (all)
        (void)json_append_to(all, json_object_new_string(text));
}

/* Of what others wrote, some ends as a sentence and some does not. */
static bool is_sentence(const char *text)
{
    size_t length = strlen(text);

    return length > 0 && strchr(".!?", text[length - 1]);
}

static void complain_arguments(const char *format, va_list arguments) _printf_(1, 0);
static void complain_arguments(const char *format, va_list arguments)
{
    _cleanup_free_ char *text = NULL, *sentence = NULL;

    if (vasprintf(&text, format, arguments) < 0) {
        text = NULL;
        return;
    }
    if (asprintf(&sentence, "%s%s", text, is_sentence(text) ? "" : ".") < 0) {
        sentence = NULL;
        return;
    }
    add_complaint(sentence);
    say_always("%s", sentence);
}

void complain(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    complain_arguments(format, arguments);
    va_end(arguments);
}

void advise(const char *format, ...)
{
    _cleanup_free_ char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    if (!text)
        return;
    add_advice(text);
    say_always("%s", text);
}

/* What programs can go by beside the sentences. */
static void add_detail(const struct airstore_oauthd_error *error)
{
    (void)member("message", new_text);
    if (!document)
        return;
    (void)json_add_string(document, "name", error->name);
    (void)json_add_string(document, "failure", word_of(&failure_words, error->failure));
    if (error->status > 0)
        (void)json_add_integer(document, "status", error->status);
    (void)json_add_string(document, "request_id", error->request_id);
    (void)json_add_string(document, "parameter", error->parameter);
}

void complain_of(const struct airstore_oauthd_error *error, const char *format, ...)
{
    va_list arguments;

    add_detail(error);
    va_start(arguments, format);
    complain_arguments(format, arguments);
    va_end(arguments);
    if (error->request_id)
        advise("Airstore's support can find this by its request ID: %s", error->request_id);
}

void problem_print_json(enum status status)
{
    _cleanup_json_ struct json_object *whole = json_object_new_object();

    if (!document || !whole || json_add_integer(document, "exit_status", status) < 0 ||
        json_add(whole, "error", TAKE_PTR(document)) < 0)
        return;
    (void)print_json_tree(whole);
}
