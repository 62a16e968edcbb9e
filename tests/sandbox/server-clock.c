/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/server-clock.h"

#include <stdio.h>

struct timespec server_clock_now(int64_t offset_sec)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += offset_sec;
    return now;
}

const char *server_clock_rfc3339(struct timespec time, char text[static SERVER_TIME_SIZE])
{
    struct tm tm;
    size_t n;

    gmtime_r(&time.tv_sec, &tm);
    n = strftime(text, SERVER_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + n, SERVER_TIME_SIZE - n, ".%09ldZ", time.tv_nsec);
    return text;
}

const char *server_clock_http_date(struct timespec time, char text[static SERVER_TIME_SIZE])
{
    struct tm tm;

    /* The locale is "C": the sandbox never calls setlocale(). */
    gmtime_r(&time.tv_sec, &tm);
    strftime(text, SERVER_TIME_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    return text;
}
