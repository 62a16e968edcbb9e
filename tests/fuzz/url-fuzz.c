/* SPDX-License-Identifier: MIT */

/*
 * URLs that a credential is sent to or a browser is told to open. Of those that we take, curl's
 * parser, which is not ours, must think the same: that scheme, no user, this machine or not; and no
 * shell, terminal, header or attribute can be steered by them.
 */

#include "tests/fuzz/fuzz.h"

#include "lib/api/request.h"
#include "lib/base/url.h"

#include <curl/curl.h>
#include <errno.h>
#include <strings.h>

static bool is_this_machine(const char *host)
{
    return strcasecmp(host, "127.0.0.1") == 0 || strcasecmp(host, "[::1]") == 0 ||
           strcasecmp(host, "localhost") == 0;
}

static void is_plain(const char *url)
{
    HOLDS(strlen(url) <= URL_LENGTH_MAX);
    for (const char *c = url; *c; c++)
        HOLDS(*c > 0x20 && *c < 0x7f && !strchr("\\\"<>^`{|}", *c));
    HOLDS(strncasecmp(url, "https://", 8) == 0 || strncasecmp(url, "http://", 7) == 0);
}

static void curl_agrees(const char *url, bool strict)
{
    char *scheme = NULL, *host = NULL, *user = NULL;
    CURLU *theirs = curl_url();

    if (curl_url_set(theirs, CURLUPART_URL, url, 0) == CURLUE_OK) {
        HOLDS(curl_url_get(theirs, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK);
        HOLDS(curl_url_get(theirs, CURLUPART_HOST, &host, 0) == CURLUE_OK);
        HOLDS(curl_url_get(theirs, CURLUPART_USER, &user, 0) == CURLUE_NO_USER);
        HOLDS(streq(scheme, "https") || streq(scheme, "http"));
        HOLDS(*host);
        if (strict && streq(scheme, "http"))
            HOLDS(is_this_machine(host));
        if (url_is_loopback(url)) /* no proxy for it, and http:// is allowed */
            HOLDS(is_this_machine(host));
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(theirs);
}

/* As it stands in the configuration. */
static void is_a_base(const char *text)
{
    const char *problem = NULL;
    char *base = NULL;
    int r = api_base_url(text, &base, &problem);

    HOLDS(r == 0 ? base && !problem : r == -EINVAL && !base && problem);
    if (r == 0)
        HOLDS(!url_problem(base) && base[strlen(base) - 1] != '/');
    free(base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_free_ char *url = fuzz_text(data, size);
    const char *problem = url_problem(url), *any_host = url_problem_any_host(url);

    HOLDS(problem || !any_host); /* the strict check takes nothing that the other does not */
    if (!any_host) {
        is_plain(url);
        curl_agrees(url, !problem);
        if (url_is_loopback(url))
            HOLDS(!problem);
    }
    is_a_base(url);
    return 0;
}
