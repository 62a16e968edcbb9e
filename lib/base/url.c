/* SPDX-License-Identifier: MIT */
#include "lib/base/url.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool starts_with_scheme(const char *url, const char *scheme)
{
    return strncasecmp(url, scheme, strlen(scheme)) == 0;
}

/* The authority ends at the first '/', '?' or '#'. */
static size_t authority_length(const char *authority)
{
    return strcspn(authority, "/?#");
}

static bool is_port(const char *text, size_t length)
{
    if (length == 0)
        return true;
    if (text[0] != ':' || length < 2 || length > 6)
        return false;
    for (size_t i = 1; i < length; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

static bool is_loopback(const char *authority, size_t length)
{
    static const char *const hosts[] = {"127.0.0.1", "[::1]", "localhost"};

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        size_t n = strlen(hosts[i]);
        if (length >= n && strncasecmp(authority, hosts[i], n) == 0 &&
            is_port(authority + n, length - n))
            return true;
    }
    return false;
}

static const char *check(const char *url, bool any_host)
{
    size_t length = strlen(url);
    bool encrypted = starts_with_scheme(url, "https://");

    if (length > URL_LENGTH_MAX)
        return "is too long";
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)url[i];
        if (c <= 0x20 || c == 0x7f)
            return "contains spaces or control characters";
        if (c >= 0x80)
            return "contains characters that are not ASCII";
        if (strchr("\\\"<>^`{|}", c))
            return "contains characters that no URL may contain";
    }
    if (!encrypted && !starts_with_scheme(url, "http://"))
        return "begins with neither https:// nor http://";

    const char *authority = url + strlen(encrypted ? "https://" : "http://");
    size_t n = authority_length(authority);
    if (n == 0 || authority[0] == ':')
        return "names no host";
    if (memchr(authority, '@', n))
        return "contains a user name";
    if (!encrypted && !any_host && !is_loopback(authority, n))
        return "is neither https:// nor on this machine";
    return NULL;
}

const char *url_problem(const char *url)
{
    return check(url, false);
}

const char *url_problem_any_host(const char *url)
{
    return check(url, true);
}

bool url_is_loopback(const char *url)
{
    const char *authority = strstr(url, "://");

    if (!authority)
        return false;
    authority += strlen("://");
    return is_loopback(authority, authority_length(authority));
}
