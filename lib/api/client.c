/* SPDX-License-Identifier: MIT */

/* The client of libairstore: its options, and how it is cancelled. */

#include "lib/api/client.h"

#include "lib/api/retry.h"
#include "lib/base/environment.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <strings.h>

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_ready;

static void set_up_curl(void)
{
    curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
}

DEFINE_CLEANUP(airstore_client *, airstore_client_free);

int airstore_client_new(airstore_client **ret, airstore_error **ret_error)
{
    _cleanup_(airstore_client_freep) airstore_client *client = NULL;
    const char *base_url = environment("AIRSTORE_BASE_URL");

    pthread_once(&curl_once, set_up_curl);
    client = calloc(1, sizeof(*client));
    if (!client || curl_ready != CURLE_OK)
        return client_fail_memory(ret_error);
    client->timeout_ms = AIRSTORE_TIMEOUT_MS;
    client->retries = AIRSTORE_RETRIES;
    client->multi = curl_multi_init();
    if (!client->multi)
        return client_fail_memory(ret_error);

    int r =
        airstore_client_set_base_url(client, base_url ? base_url : API_DEFAULT_BASE_URL, ret_error);
    if (r < 0)
        return r;
    r = airstore_client_set_api_key(client, environment("AIRSTORE_API_KEY"));
    if (r == -EINVAL)
        return client_fail_text(AIRSTORE_ERROR_INVALID_ARGUMENT, ret_error,
            "AIRSTORE_API_KEY contains control characters: set it to the key and nothing else");
    if (r < 0)
        return client_fail_memory(ret_error);
    *ret = TAKE_PTR(client);
    return 0;
}

airstore_client *airstore_client_free(airstore_client *client)
{
    if (!client)
        return NULL;
    if (client->multi)
        curl_multi_cleanup(client->multi);
    free(client->base_url);
    secret_free(client->api_key);
    for (size_t i = 0; i < client->n_headers; i++)
        secret_free(client->headers[i]);
    free(client->headers);
    free(client);
    return NULL;
}

int airstore_client_set_base_url(
    airstore_client *client, const char *base_url, airstore_error **ret_error)
{
    const char *problem;
    char *copy;

    int r = api_base_url(base_url, &copy, &problem);
    if (r == -EINVAL)
        return client_fail_text(
            AIRSTORE_ERROR_INVALID_ARGUMENT, ret_error, "The base URL %s", problem);
    if (r < 0)
        return client_fail_memory(ret_error);
    free(client->base_url);
    client->base_url = copy;
    return 0;
}

static bool has_control_characters(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    }
    return false;
}

int airstore_client_set_api_key(airstore_client *client, const char *api_key_or_null)
{
    char *copy = NULL;

    if (api_key_or_null) {
        if (*api_key_or_null == '\0' || has_control_characters(api_key_or_null))
            return -EINVAL;
        copy = strdup(api_key_or_null);
        if (!copy)
            return -ENOMEM;
    }
    secret_free(client->api_key);
    client->api_key = copy;
    return 0;
}

void airstore_client_set_timeout(airstore_client *client, uint32_t timeout_ms)
{
    client->timeout_ms = timeout_ms;
}

void airstore_client_set_retries(airstore_client *client, unsigned retries)
{
    client->retries = retries;
}

/* The name is a token (RFC 9110, section 5.6.2), and none of those that decide what a request is.
 */
static bool may_add_header(const char *name)
{
    static const char *const reserved[] = {"accept", "accept-encoding", "authorization",
        "connection", "content-length", "content-type", "cookie", "expect", "host", "te",
        "transfer-encoding", "upgrade"};
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    if (*name == '\0' || name[strspn(name, token)] != '\0')
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
        if (strcasecmp(name, reserved[i]) == 0)
            return false;
    }
    return true;
}

int airstore_client_add_header(airstore_client *client, const char *name, const char *value)
{
    _cleanup_secret_ char *header = NULL;
    char **headers;

    /* To curl a header without a value is one to be left out. */
    if (!may_add_header(name) || value[strspn(value, " ")] == '\0' || has_control_characters(value))
        return -EINVAL;
    if (asprintf(&header, "%s: %s", name, value) < 0) {
        header = NULL;
        return -ENOMEM;
    }
    headers = realloc(client->headers, (client->n_headers + 2) * sizeof(*headers));
    if (!headers)
        return -ENOMEM;
    client->headers = headers;
    headers[client->n_headers++] = TAKE_PTR(header);
    headers[client->n_headers] = NULL;
    return 0;
}

void airstore_client_cancel(airstore_client *client)
{
    atomic_store(&client->cancelled, true);
    /* Whoever is in curl_multi_poll() returns at once; otherwise the next one there does. */
    curl_multi_wakeup(client->multi);
}

void airstore_client_reset(airstore_client *client)
{
    atomic_store(&client->cancelled, false);
}
