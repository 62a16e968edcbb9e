/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/exchange.h"

#include "lib/base/memory.h"
#include "tests/sandbox/api.h"
#include "tests/sandbox/consent.h"
#include "tests/sandbox/control.h"
#include "tests/sandbox/delivery.h"
#include "tests/sandbox/faults.h"
#include "tests/sandbox/page.h"
#include "tests/sandbox/request-log.h"
#include "tests/sandbox/server-clock.h"

#include <errno.h>

/* Larger requests are refused. */
#define REQUEST_BODY_MAX ((size_t)1024 * 1024)

struct exchange {
    struct http_request request;
    bool too_large;
    bool arrived;       /* all of the request is here */
    int64_t log_number; /* 0: not logged */
    struct fault_effect effect;
    struct pause pause;
};

typedef int (*answerer)(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply);

static int answer_elsewhere(
    struct sandbox *sandbox, const struct http_request *request, struct http_reply *reply)
{
    return page_write(reply, MHD_HTTP_NOT_FOUND, "There is nothing here",
        "<p>The API is at <code>" API_PREFIX "</code>.</p>\n");
}

static const struct {
    const char *prefix;
    answerer answer;
} answerers[] = {
    {API_PREFIX, api_answer},
    {CONSENT_PREFIX, consent_answer},
    {CONTROL_PREFIX, control_answer},
};

static answerer find_answerer(const char *path)
{
    for (size_t i = 0; i < ARRAY_SIZE(answerers); i++) {
        size_t length = strlen(answerers[i].prefix);
        if (strncmp(path, answerers[i].prefix, length) == 0 &&
            (path[length] == '/' || path[length] == '\0'))
            return answerers[i].answer;
    }
    return answer_elsewhere;
}

static struct exchange *exchange_new(struct MHD_Connection *connection)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    if (exchange) {
        exchange->request.connection = connection;
        exchange->request.body.limit = REQUEST_BODY_MAX;
    }
    return exchange;
}

void exchange_completed(void *userdata, struct MHD_Connection *connection, void **exchange,
    enum MHD_RequestTerminationCode why)
{
    struct exchange *done = *exchange;

    if (done) {
        fault_unref(done->effect.fault);
        buffer_clear(&done->request.body);
        free(done);
        *exchange = NULL;
    }
}

/* Notes an API request, and finds out what is to go wrong with it. */
static void arrive(struct exchange *exchange, struct sandbox *sandbox)
{
    const struct http_request *request = &exchange->request;
    const char *path = api_path(request->path);

    exchange->arrived = true;
    if (!path)
        return;
    if (api_path_needs_key(path))
        exchange->log_number = request_log_add(sandbox->log, request->method, path);
    exchange->effect =
        faults_take(sandbox->faults, request->method, path, api_path_needs_key(path));
}

static int add_headers(
    const struct exchange *exchange, const struct sandbox *sandbox, struct http_reply *reply)
{
    char date[SERVER_TIME_SIZE], request_id[UUID_SIZE];
    int r;

    server_clock_http_date(server_clock_now(faults_clock_offset(sandbox->faults)), date);
    r = http_reply_header(reply, MHD_HTTP_HEADER_DATE, date);
    if (r < 0 || !api_path(exchange->request.path))
        return r;
    random_uuid(request_id);
    return http_reply_header(reply, "x-request-id", request_id);
}

static int write_reply(
    const struct exchange *exchange, struct sandbox *sandbox, struct http_reply *reply)
{
    const struct fault *fault = exchange->effect.fault;
    int r = add_headers(exchange, sandbox, reply);

    if (r < 0)
        return r;
    if (exchange->too_large)
        return page_write(reply, MHD_HTTP_CONTENT_TOO_LARGE, "The request is too large", "");
    if (!fault || fault->handled) {
        r = find_answerer(exchange->request.path)(sandbox, &exchange->request, reply);
        if (r < 0)
            return r;
    }
    return fault ? fault_apply(fault, reply) : 0;
}

static enum MHD_Result answer(struct exchange *exchange, const struct exchange_context *context)
{
    _cleanup_http_reply_ struct http_reply reply = {0};
    int r = write_reply(exchange, context->sandbox, &reply);

    if (r < 0)
        return MHD_NO;
    if (exchange->log_number > 0 && reply.delivery != HTTP_RESET_AT_ONCE)
        request_log_set_status(context->sandbox->log, exchange->log_number, reply.status);
    return delivery_send(exchange->request.connection, &reply, context->pauses);
}

/* Called once with the headers, then for each piece of the body, then without any, and once more
 * after each pause. */
enum MHD_Result exchange_handle(void *userdata, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload_data, size_t *upload_data_size,
    void **exchange_pointer)
{
    const struct exchange_context *context = userdata;
    struct exchange *exchange = *exchange_pointer;

    if (!exchange) {
        *exchange_pointer = exchange_new(connection);
        return *exchange_pointer ? MHD_YES : MHD_NO;
    }
    if (*upload_data_size > 0) {
        int r = buffer_append(&exchange->request.body, upload_data, *upload_data_size);
        if (r == -EMSGSIZE)
            exchange->too_large = true;
        *upload_data_size = 0;
        return r == -ENOMEM ? MHD_NO : MHD_YES;
    }

    exchange->request.method = streq(method, "HEAD") ? "GET" : method;
    exchange->request.path = url;
    if (!exchange->arrived) {
        arrive(exchange, context->sandbox);
        if (exchange->effect.delay_usec > 0) {
            pause_begin(context->pauses, &exchange->pause, connection, exchange->effect.delay_usec);
            return MHD_YES;
        }
    }
    return answer(exchange, context);
}
