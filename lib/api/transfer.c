/* SPDX-License-Identifier: MIT */
#include "lib/api/transfer.h"

#include "lib/base/timestamp.h"
#include "lib/base/url.h"

#include <errno.h>
#include <stdio.h>

#define CONNECT_TIMEOUT_MSEC 20000L

struct transfer {
    CURL *curl;
    struct curl_slist *headers; /* the key is in one of them */
    char *body;                 /* of the request; curl reads it where it is */
    struct api_reply reply;
    bool too_large, no_memory; /* why the reply was not taken to its end */
    bool finished;
    char curl_text[CURL_ERROR_SIZE];
};

/* Anything but 0 makes curl give up with CURLE_WRITE_ERROR. */
static size_t taken(struct transfer *transfer, int r, size_t size)
{
    transfer->too_large |= r == -EMSGSIZE;
    transfer->no_memory |= r == -ENOMEM;
    return r < 0 ? 0 : size;
}

/* The buffer's limit counts what arrives: CURLOPT_MAXFILESIZE does not stop a body that comes in
 * chunks. */
static size_t on_body(char *data, size_t one, size_t size, void *userdata)
{
    struct transfer *transfer = userdata;

    (void)one;
    return taken(transfer, buffer_append(&transfer->reply.body, data, size), size);
}

static size_t on_header(char *line, size_t one, size_t size, void *userdata)
{
    struct transfer *transfer = userdata;

    (void)one;
    return taken(transfer, api_reply_header(&transfer->reply, line, size), size);
}

/* A header that ended early would begin another one, or a request. */
static bool is_one_line(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    }
    return true;
}

static int add_header(struct transfer *transfer, const char *header)
{
    if (!is_one_line(header))
        return -EINVAL;
    struct curl_slist *headers = curl_slist_append(transfer->headers, header);
    if (!headers)
        return -ENOMEM;
    transfer->headers = headers;
    return 0;
}

static int add_headers(struct transfer *transfer, const struct transfer_options *options)
{
    _cleanup_buffer_ struct buffer authorization = {0};

    int r = add_header(transfer, "Accept: application/json");
    if (r >= 0 && transfer->body)
        r = add_header(transfer, "Content-Type: application/json");
    if (r >= 0 && options->api_key) {
        r = buffer_printf(&authorization, "Authorization: Bearer %s", options->api_key);
        if (r >= 0)
            r = add_header(transfer, authorization.data);
    }
    for (size_t i = 0; r >= 0 && options->extra_headers && options->extra_headers[i]; i++)
        r = add_header(transfer, options->extra_headers[i]);
    return r;
}

static bool set_limits(CURL *curl, int64_t timeout_usec)
{
    /* In curl 0 means none; what is shorter than its unit is not. */
    long timeout_msec = (long)((timeout_usec + USEC_PER_MSEC - 1) / USEC_PER_MSEC);
    bool shorter = timeout_msec > 0 && timeout_msec < CONNECT_TIMEOUT_MSEC;

    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_msec) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
               shorter ? timeout_msec : CONNECT_TIMEOUT_MSEC) == CURLE_OK;
}

/* A proxy of the environment's serves as curl has it, except for what never leaves this machine. */
static bool set_connection(CURL *curl, const char *url)
{
    return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROXY, url_is_loopback(url) ? "*" : NULL) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS) == CURLE_OK;
}

static bool set_request(struct transfer *transfer, const char *method, const char *user_agent)
{
    CURL *curl = transfer->curl;

    if (transfer->body && (curl_easy_setopt(curl, CURLOPT_POSTFIELDS, transfer->body) != CURLE_OK ||
                              curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                                  (curl_off_t)strlen(transfer->body)) != CURLE_OK))
        return false;
    return curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, user_agent) == CURLE_OK;
}

static bool set_certificate(CURL *curl, bool wanted)
{
    return !wanted || (curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L) == CURLE_OK &&
                          curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
                          curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L) == CURLE_OK);
}

static bool set_reply(struct transfer *transfer)
{
    CURL *curl = transfer->curl;

    return curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->curl_text) == CURLE_OK;
}

DEFINE_CLEANUP(struct transfer *, transfer_free);

int transfer_new(const struct api_request *request, const struct transfer_options *options,
    struct transfer **ret)
{
    _cleanup_(transfer_freep) struct transfer *transfer = calloc(1, sizeof(*transfer));

    if (!transfer)
        return -ENOMEM;
    transfer->reply = (struct api_reply)API_REPLY_INIT;
    transfer->curl = curl_easy_init();
    if (!transfer->curl)
        return -ENOMEM;
    if (request->body) {
        transfer->body = strdup(request->body);
        if (!transfer->body)
            return -ENOMEM;
    }
    int r = add_headers(transfer, options);
    if (r < 0)
        return r;
    if (!set_limits(transfer->curl, options->timeout_usec) ||
        !set_connection(transfer->curl, request->url) ||
        !set_certificate(transfer->curl, options->certificate) ||
        !set_request(transfer, request->method, options->user_agent) || !set_reply(transfer))
        return -ENOMEM;

    *ret = TAKE_PTR(transfer);
    return 0;
}

CURL *transfer_handle(struct transfer *transfer)
{
    return transfer->curl;
}

static enum api_error_class class_of_result(CURLcode result)
{
    static const struct {
        CURLcode result;
        enum api_error_class class;
    } table[] = {
        {CURLE_OPERATION_TIMEDOUT, API_ERROR_TIMEOUT},
        {CURLE_OUT_OF_MEMORY, API_ERROR_MEMORY},
        {CURLE_ABORTED_BY_CALLBACK, API_ERROR_CANCELLED},
        {CURLE_WEIRD_SERVER_REPLY, API_ERROR_INVALID_REPLY},
        {CURLE_UNSUPPORTED_PROTOCOL, API_ERROR_INVALID_REPLY}, /* HTTP/0.9: no status line */
        {CURLE_BAD_CONTENT_ENCODING, API_ERROR_INVALID_REPLY},
    };

    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (table[i].result == result)
            return table[i].class;
    }
    return API_ERROR_CONNECTION;
}

static enum api_obstacle obstacle_of_result(CURLcode result)
{
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return API_OBSTACLE_NAME;
    case CURLE_PEER_FAILED_VERIFICATION:
        return API_OBSTACLE_CERTIFICATE;
    case CURLE_SSL_CACERT_BADFILE:
        return API_OBSTACLE_AUTHORITIES;
    case CURLE_SSL_CONNECT_ERROR:
        return API_OBSTACLE_TLS;
    default:
        return API_OBSTACLE_NONE;
    }
}

/* "Expire date:Nov 21 09:30:00 2026 GMT" is what curl has of the server's own certificate. */
static int64_t certificate_expires(CURL *curl)
{
    static const char name[] = "Expire date:";
    struct curl_certinfo *info = NULL;
    struct tm time = {0};

    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
        info->num_of_certs < 1)
        return -1;
    for (const struct curl_slist *line = info->certinfo[0]; line; line = line->next) {
        if (strncmp(line->data, name, strlen(name)) == 0 &&
            strptime(line->data + strlen(name), "%b %e %H:%M:%S %Y", &time))
            return (int64_t)timegm(&time) * USEC_PER_SEC;
    }
    return -1;
}

struct api_reply *transfer_finish(struct transfer *transfer, CURLcode result)
{
    struct api_reply *reply = &transfer->reply;
    const char *text = transfer->curl_text;

    if (transfer->finished)
        return reply;
    transfer->finished = true;
    reply->obstacle = obstacle_of_result(result);
    reply->certificate_expires_usec = certificate_expires(transfer->curl);
    if (result == CURLE_OK && reply->status > 0)
        return reply;

    if (transfer->no_memory) {
        reply->transport = API_ERROR_MEMORY;
        text = "Out of memory";
    } else if (transfer->too_large) {
        reply->transport = API_ERROR_INVALID_REPLY;
        text = "Airstore's reply is larger than 1 MiB";
    } else if (result == CURLE_OK) {
        reply->transport = API_ERROR_INVALID_REPLY;
        text = "Airstore's reply has no status";
    } else {
        reply->transport = class_of_result(result);
        if (*text == '\0')
            text = curl_easy_strerror(result);
    }
    snprintf(reply->transport_text, sizeof(reply->transport_text), "%s", text);
    return reply;
}

struct transfer *transfer_free(struct transfer *transfer)
{
    if (!transfer)
        return NULL;
    if (transfer->curl)
        curl_easy_cleanup(transfer->curl);
    for (struct curl_slist *header = transfer->headers; header; header = header->next)
        explicit_bzero(header->data, strlen(header->data));
    curl_slist_free_all(transfer->headers);
    secret_free(transfer->body);
    api_reply_clear(&transfer->reply);
    free(transfer);
    return NULL;
}
