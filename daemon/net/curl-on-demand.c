/* SPDX-License-Identifier: MIT */

/*
 * libcurl as the daemon is linked with it: the functions that are used, under their own names, so
 * that nobody notices that the library is loaded by curl_global_init() (see library.h). Nothing
 * else here may be called before that has succeeded.
 */

#include "daemon/net/library.h"
#include "lib/base/memory.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdbool.h>

#define FILE_NAME "libcurl.so.4"

#define FUNCTIONS(F)                                                                               \
    F(curl_easy_cleanup)                                                                           \
    F(curl_easy_getinfo)                                                                           \
    F(curl_easy_init)                                                                              \
    F(curl_easy_setopt)                                                                            \
    F(curl_easy_strerror)                                                                          \
    F(curl_global_cleanup)                                                                         \
    F(curl_global_init)                                                                            \
    F(curl_multi_add_handle)                                                                       \
    F(curl_multi_assign)                                                                           \
    F(curl_multi_cleanup)                                                                          \
    F(curl_multi_info_read)                                                                        \
    F(curl_multi_init)                                                                             \
    F(curl_multi_remove_handle)                                                                    \
    F(curl_multi_setopt)                                                                           \
    F(curl_multi_socket_action)                                                                    \
    F(curl_slist_append)                                                                           \
    F(curl_slist_free_all)

#define POINTER(name) static __typeof__((name)) *real_##name;
FUNCTIONS(POINTER)

static bool loaded;

CURLcode curl_global_init(long flags)
{
#define FUNCTION(name) {#name, (void **)&real_##name},
    static const struct library_function functions[] = {FUNCTIONS(FUNCTION)};

    if (!loaded)
        loaded = library_load(FILE_NAME, functions, ARRAY_SIZE(functions)) >= 0;
    if (!loaded)
        return CURLE_FAILED_INIT;
    return real_curl_global_init(flags);
}

void curl_global_cleanup(void)
{
    real_curl_global_cleanup();
}

CURL *curl_easy_init(void)
{
    return real_curl_easy_init();
}

void curl_easy_cleanup(CURL *curl)
{
    real_curl_easy_cleanup(curl);
}

const char *curl_easy_strerror(CURLcode code)
{
    return real_curl_easy_strerror(code);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text)
{
    return real_curl_slist_append(list, text);
}

void curl_slist_free_all(struct curl_slist *list)
{
    real_curl_slist_free_all(list);
}

CURLM *curl_multi_init(void)
{
    return real_curl_multi_init();
}

CURLMcode curl_multi_cleanup(CURLM *multi)
{
    return real_curl_multi_cleanup(multi);
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *curl)
{
    return real_curl_multi_add_handle(multi, curl);
}

CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *curl)
{
    return real_curl_multi_remove_handle(multi, curl);
}

CURLMcode curl_multi_assign(CURLM *multi, curl_socket_t fd, void *data)
{
    return real_curl_multi_assign(multi, fd, data);
}

CURLMsg *curl_multi_info_read(CURLM *multi, int *left)
{
    return real_curl_multi_info_read(multi, left);
}

CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int action, int *running)
{
    return real_curl_multi_socket_action(multi, fd, action, running);
}

/* The number of an option says of which type its value is. */
#define FORWARD_OPTION(function, handle, option)                                                   \
    __extension__({                                                                                \
        __typeof__(function(handle, option)) _code;                                                \
        va_list _list;                                                                             \
        va_start(_list, option);                                                                   \
        if ((option) < CURLOPTTYPE_OBJECTPOINT)                                                    \
            _code = function(handle, option, va_arg(_list, long));                                 \
        else if ((option) < CURLOPTTYPE_OFF_T || (option) >= CURLOPTTYPE_BLOB)                     \
            _code = function(handle, option, va_arg(_list, void *));                               \
        else                                                                                       \
            _code = function(handle, option, va_arg(_list, curl_off_t));                           \
        va_end(_list);                                                                             \
        _code;                                                                                     \
    })

/* The parentheses keep the macros out that check the types of what is passed. */
/* NOLINTBEGIN(bugprone-branch-clone): a pointer to a function is passed on as one to an object is
 */
CURLcode(curl_easy_setopt)(CURL *curl, CURLoption option, ...)
{
    return FORWARD_OPTION((real_curl_easy_setopt), curl, option);
}

CURLMcode(curl_multi_setopt)(CURLM *multi, CURLMoption option, ...)
{
    return FORWARD_OPTION((real_curl_multi_setopt), multi, option);
}
/* NOLINTEND(bugprone-branch-clone) */

/* What is asked for is written through a pointer, whatever its type. */
CURLcode(curl_easy_getinfo)(CURL *curl, CURLINFO info, ...)
{
    va_list list;

    va_start(list, info);
    CURLcode code = real_curl_easy_getinfo(curl, info, va_arg(list, void *));
    va_end(list);
    return code;
}
