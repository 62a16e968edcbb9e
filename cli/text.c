/* SPDX-License-Identifier: MIT */
#include "cli/text.h"

#include "lib/base/memory.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define DURATION_MAX_MSEC (24 * 3600 * 1000L)

int duration_parse(const char *text, long *ret_msec)
{
    static const struct {
        const char *name;
        long msec;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"", 1000}};
    long total = 0;

    do {
        long number = 0;
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 9)
            return -EINVAL;
        for (size_t i = 0; i < digits; i++)
            number = number * 10 + (*text++ - '0');

        size_t length = strcspn(text, "0123456789"), unit = 0;
        while (unit < ARRAY_SIZE(units) &&
               (strlen(units[unit].name) != length || strncmp(text, units[unit].name, length) != 0))
            unit++;
        if (unit == ARRAY_SIZE(units) || number > DURATION_MAX_MSEC / units[unit].msec)
            return -EINVAL;
        total += number * units[unit].msec;
        text += length;
        if (total > DURATION_MAX_MSEC)
            return -EINVAL;
    } while (*text);
    *ret_msec = total;
    return 0;
}

const char *duration_format(int64_t usec, char text[static TEXT_SIZE])
{
    /* The largest unit of which there are at least two says enough. */
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {{"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}};
    int64_t seconds = usec / USEC_PER_SEC;
    size_t i = 0;

    while (i + 1 < ARRAY_SIZE(units) && seconds < 2 * units[i].seconds &&
           !(seconds >= units[i].seconds && seconds % units[i].seconds == 0))
        i++;
    int64_t n = seconds / units[i].seconds;
    snprintf(text, TEXT_SIZE, "%" PRId64 " %s%s", n, units[i].name, n == 1 ? "" : "s");
    return text;
}

const char *time_relative(int64_t usec, int64_t now_usec, char text[static TEXT_SIZE])
{
    char duration[TEXT_SIZE];

    if (usec < 0)
        snprintf(text, TEXT_SIZE, "-");
    else if (usec <= now_usec && now_usec - usec < USEC_PER_SEC)
        snprintf(text, TEXT_SIZE, "just now");
    else if (usec > now_usec)
        snprintf(text, TEXT_SIZE, "in %.40s", duration_format(usec - now_usec, duration));
    else
        snprintf(text, TEXT_SIZE, "%.40s ago", duration_format(now_usec - usec, duration));
    return text;
}
