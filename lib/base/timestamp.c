/* SPDX-License-Identifier: MIT */
#include "lib/base/timestamp.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int64_t timestamp_now(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

/* Reads exactly `digits` digits and moves behind them. -1 when they are not all digits. */
static int read_number(const char **text, int digits)
{
    int number = 0;

    for (int i = 0; i < digits; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return -1;
        number = number * 10 + (**text - '0');
    }
    return number;
}

static bool read_character(const char **text, const char *allowed)
{
    if (**text == '\0' || !strchr(allowed, **text))
        return false;
    (*text)++;
    return true;
}

/* Checks the fields as a calendar and a clock would, and turns them into seconds. */
static int seconds_since_epoch(struct tm *tm, int64_t *ret)
{
    int month = tm->tm_mon, day = tm->tm_mday;

    if (tm->tm_mon < 0 || tm->tm_mon > 11 || tm->tm_mday < 1 || tm->tm_mday > 31 ||
        tm->tm_hour < 0 || tm->tm_hour > 23 || tm->tm_min < 0 || tm->tm_min > 59 ||
        tm->tm_sec < 0 || tm->tm_sec > 60)
        return -EINVAL;

    bool leap_second = tm->tm_sec == 60;
    if (leap_second)
        tm->tm_sec = 59;
    time_t seconds = timegm(tm);
    if (tm->tm_mon != month ||
        tm->tm_mday != day) /* timegm() moves the 30th of February to March */
        return -EINVAL;
    *ret = (int64_t)seconds + leap_second;
    return 0;
}

static int read_fraction(const char **text, int64_t *ret_usec)
{
    int64_t usec = 0, scale = 100000;
    int digits = 0;

    for (; isdigit((unsigned char)**text); (*text)++, digits++) {
        usec += (**text - '0') * scale;
        scale /= 10;
    }
    if (digits < 1 || digits > 9)
        return -EINVAL;
    *ret_usec = usec;
    return 0;
}

/* "Z", or "+01:30": how many minutes the time is ahead of UTC. */
static int read_offset(const char **text, int *ret_minutes)
{
    if (read_character(text, "Zz")) {
        *ret_minutes = 0;
        return 0;
    }

    int sign = **text == '-' ? -1 : 1;
    if (!read_character(text, "+-"))
        return -EINVAL;
    int hours = read_number(text, 2);
    if (hours < 0 || hours > 23 || !read_character(text, ":"))
        return -EINVAL;
    int minutes = read_number(text, 2);
    if (minutes < 0 || minutes > 59)
        return -EINVAL;
    *ret_minutes = sign * (hours * 60 + minutes);
    return 0;
}

int timestamp_parse(const char *text, int64_t *ret_usec)
{
    struct tm tm = {0};
    int64_t seconds, usec = 0;
    int year, offset, r;

    year = read_number(&text, 4);
    if (year < 0 || !read_character(&text, "-"))
        return -EINVAL;
    tm.tm_year = year - 1900;
    tm.tm_mon = read_number(&text, 2) - 1;
    if (tm.tm_mon < 0 || !read_character(&text, "-"))
        return -EINVAL;
    tm.tm_mday = read_number(&text, 2);
    if (tm.tm_mday < 0 || !read_character(&text, "Tt "))
        return -EINVAL;
    tm.tm_hour = read_number(&text, 2);
    if (tm.tm_hour < 0 || !read_character(&text, ":"))
        return -EINVAL;
    tm.tm_min = read_number(&text, 2);
    if (tm.tm_min < 0 || !read_character(&text, ":"))
        return -EINVAL;
    tm.tm_sec = read_number(&text, 2);
    if (tm.tm_sec < 0)
        return -EINVAL;
    if (read_character(&text, ".")) {
        r = read_fraction(&text, &usec);
        if (r < 0)
            return r;
    }
    r = read_offset(&text, &offset);
    if (r < 0)
        return r;
    if (*text != '\0')
        return -EINVAL;
    r = seconds_since_epoch(&tm, &seconds);
    if (r < 0)
        return r;

    *ret_usec = (seconds - offset * 60) * USEC_PER_SEC + usec;
    return 0;
}

/* So many digits and what stands behind them; returns where that ends. printf() would take ten
 * times as long as all of the rest of an answer. */
static char *write_number(char *at, int number, int digits, char behind)
{
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
    at[digits] = behind;
    return at + digits + 1;
}

const char *timestamp_format(int64_t usec, char text[static TIMESTAMP_SIZE])
{
    const int64_t first = -62167219200 * USEC_PER_SEC;    /* 0000-01-01 */
    const int64_t last = 253402300800 * USEC_PER_SEC - 1; /* the end of 9999-12-31 */
    struct tm tm;

    if (usec < first)
        usec = first;
    if (usec > last)
        usec = last;

    int64_t fraction = usec % USEC_PER_SEC;
    if (fraction < 0)
        fraction += USEC_PER_SEC;
    time_t seconds = (time_t)((usec - fraction) / USEC_PER_SEC);
    gmtime_r(&seconds, &tm);

    char *at = text;
    at = write_number(at, tm.tm_year + 1900, 4, '-');
    at = write_number(at, tm.tm_mon + 1, 2, '-');
    at = write_number(at, tm.tm_mday, 2, 'T');
    at = write_number(at, tm.tm_hour, 2, ':');
    at = write_number(at, tm.tm_min, 2, ':');
    at = write_number(at, tm.tm_sec, 2, '.');
    at = write_number(at, (int)(fraction / USEC_PER_MSEC), 3, 'Z');
    *at = '\0';
    return text;
}

int timestamp_parse_http(const char *text, int64_t *ret_usec)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm tm = {0};
    int64_t seconds;
    int year;

    /* "Sat, ": the name of the day says nothing that the date does not. */
    for (int i = 0; i < 3; i++, text++) {
        if (!isalpha((unsigned char)*text))
            return -EINVAL;
    }
    if (!read_character(&text, ",") || !read_character(&text, " "))
        return -EINVAL;
    tm.tm_mday = read_number(&text, 2);
    if (tm.tm_mday < 0 || !read_character(&text, " "))
        return -EINVAL;

    tm.tm_mon = -1;
    for (int i = 0; i < 12; i++) {
        if (strncmp(text, months + 3 * i, 3) == 0)
            tm.tm_mon = i;
    }
    if (tm.tm_mon < 0)
        return -EINVAL;
    text += 3;

    if (!read_character(&text, " ") || (year = read_number(&text, 4)) < 0 ||
        !read_character(&text, " ") || (tm.tm_hour = read_number(&text, 2)) < 0 ||
        !read_character(&text, ":") || (tm.tm_min = read_number(&text, 2)) < 0 ||
        !read_character(&text, ":") || (tm.tm_sec = read_number(&text, 2)) < 0 ||
        strcmp(text, " GMT") != 0)
        return -EINVAL;
    tm.tm_year = year - 1900;
    if (seconds_since_epoch(&tm, &seconds) < 0)
        return -EINVAL;
    *ret_usec = seconds * USEC_PER_SEC;
    return 0;
}
