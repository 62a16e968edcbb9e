/* SPDX-License-Identifier: MIT */

/*
 * The first half of response.h: what a transfer brings, taken in as it comes. Only the headers that
 * somebody asks for are kept; a table names them.
 */

#include "lib/api/response.h"

#include "lib/base/timestamp.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

/* A server that asks for more patience than this is taken by its word for this long only. */
#define RETRY_AFTER_MAX_USEC (60 * USEC_PER_MINUTE)

struct header {
    const char *name;
    void (*take)(struct api_reply *reply, const char *value);
};

/* Digits with a fraction, as in "1.5". -1 for anything else: the form with a date is not used by
 * Airstore, and the usual delay serves as well. */
static int64_t parse_delay(const char *value, int64_t unit_usec)
{
    int64_t usec = 0;

    if (!isdigit((unsigned char)*value))
        return -1;
    for (; isdigit((unsigned char)*value); value++) {
        usec = usec * 10 + (*value - '0') * unit_usec;
        if (usec > RETRY_AFTER_MAX_USEC)
            usec = RETRY_AFTER_MAX_USEC;
    }
    if (*value == '.') {
        for (value++; isdigit((unsigned char)*value); value++) {
            unit_usec /= 10;
            usec += (*value - '0') * unit_usec;
        }
    }
    if (*value != '\0')
        return -1;
    return usec < RETRY_AFTER_MAX_USEC ? usec : RETRY_AFTER_MAX_USEC;
}

/* The finer of the two goes first, in whichever order they come. */
static void take_retry_after_ms(struct api_reply *reply, const char *value)
{
    int64_t usec = parse_delay(value, USEC_PER_MSEC);

    if (usec >= 0)
        reply->retry_after_usec = usec;
}

static void take_retry_after(struct api_reply *reply, const char *value)
{
    if (reply->retry_after_usec < 0)
        reply->retry_after_usec = parse_delay(value, USEC_PER_SEC);
}

static void take_request_id(struct api_reply *reply, const char *value)
{
    size_t n = 0;

    for (; *value != '\0' && n < sizeof(reply->request_id) - 1; value++) {
        if (*value > 0x20 && *value < 0x7f)
            reply->request_id[n++] = *value;
    }
    reply->request_id[n] = '\0';
}

static void take_date(struct api_reply *reply, const char *value)
{
    (void)timestamp_parse_http(value, &reply->date_usec);
}

static const struct header headers[] = {
    {"retry-after-ms", take_retry_after_ms},
    {"retry-after", take_retry_after},
    {"x-request-id", take_request_id},
    {"date", take_date},
};

/* "HTTP/1.1 200 OK" or "HTTP/2 200": a reply begins, perhaps after an interim one. */
static void start_over(struct api_reply *reply, const char *status_line)
{
    const char *space = strchr(status_line, ' ');
    int status = 0;

    for (int i = 1; space && i <= 3 && isdigit((unsigned char)space[i]); i++)
        status = status * 10 + (space[i] - '0');
    reply->status = status;
    reply->request_id[0] = '\0';
    reply->retry_after_usec = -1;
    reply->date_usec = -1;
}

int api_reply_header(struct api_reply *reply, const char *line, size_t size)
{
    char text[512];

    if (size > API_HEADERS_MAX - reply->headers_size)
        return -EMSGSIZE;
    reply->headers_size += size;

    /* None that we ask for is as long as this, nor holds a NUL. */
    while (size > 0 && isspace((unsigned char)line[size - 1]))
        size--;
    if (size >= sizeof(text) || memchr(line, '\0', size))
        return 0;
    memcpy(text, line, size);
    text[size] = '\0';

    if (strncmp(text, "HTTP/", strlen("HTTP/")) == 0) {
        start_over(reply, text);
        return 0;
    }
    char *value = strchr(text, ':');
    if (!value)
        return 0;
    *value++ = '\0';
    value += strspn(value, " \t");
    for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
        if (strcasecmp(text, headers[i].name) == 0)
            headers[i].take(reply, value);
    }
    return 0;
}

void api_reply_clear(struct api_reply *reply)
{
    buffer_clear(&reply->body);
    *reply = (struct api_reply)API_REPLY_INIT;
}
