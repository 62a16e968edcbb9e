/* SPDX-License-Identifier: MIT */

/*
 * Times as servers write them. What is understood lies in the years that can be written, and is the
 * same to the millisecond when it is written and read again; so is any number whatever.
 */

#include "tests/fuzz/fuzz.h"

#include "lib/base/timestamp.h"

#include <errno.h>

/* 0000-01-01 and the end of 9999-12-31. */
#define FIRST (-62167219200 * USEC_PER_SEC)
#define LAST (253402300800 * USEC_PER_SEC - 1)

static int64_t floor_to_msec(int64_t usec)
{
    int64_t below = usec % USEC_PER_MSEC;

    return usec - (below < 0 ? below + USEC_PER_MSEC : below);
}

static void survives_writing(int64_t usec)
{
    char text[TIMESTAMP_SIZE], again[TIMESTAMP_SIZE];
    int64_t read;

    HOLDS(timestamp_format(usec, text) == text);
    HOLDS(strlen(text) == strlen("2026-11-21T09:30:00.123Z"));
    HOLDS(timestamp_parse(text, &read) == 0);
    if (usec >= FIRST && usec <= LAST)
        HOLDS(read == floor_to_msec(usec));
    else
        HOLDS(usec < FIRST ? read == FIRST : read == floor_to_msec(LAST));
    HOLDS(streq(timestamp_format(read, again), text));
}

/* "+05:30" is five hours and a half ahead of the same clock in UTC. */
static void offset_counts(const char *text, int64_t usec)
{
    size_t length = strlen(text), clock = length - strlen("+05:30");
    char utc[64];
    int64_t read;

    if (length >= sizeof(utc) || !strchr("+-", text[clock]))
        return;
    snprintf(utc, sizeof(utc), "%.*sZ", (int)clock, text);
    int minutes = atoi(text + clock + 1) * 60 + atoi(text + clock + 4);
    HOLDS(timestamp_parse(utc, &read) == 0);
    HOLDS(read - usec == (text[clock] == '-' ? -minutes : minutes) * USEC_PER_MINUTE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_free_ char *text = fuzz_text(data, size);
    int64_t usec = 42;

    int r = timestamp_parse(text, &usec);
    HOLDS(r == 0 || (r == -EINVAL && usec == 42));
    if (r == 0) {
        /* An offset leads out of the years by a day at most. */
        HOLDS(usec >= FIRST - 86400 * USEC_PER_SEC && usec <= LAST + 86400 * USEC_PER_SEC);
        survives_writing(usec);
        offset_counts(text, usec);
    }
    usec = 42;
    r = timestamp_parse_http(text, &usec);
    HOLDS(r == 0 || (r == -EINVAL && usec == 42));
    if (r == 0) {
        HOLDS(usec % USEC_PER_SEC == 0);
        survives_writing(usec);
    }
    if (size >= sizeof(usec)) {
        memcpy(&usec, data, sizeof(usec));
        survives_writing(usec);
    }
    return 0;
}
