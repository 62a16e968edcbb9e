/* SPDX-License-Identifier: MIT */

/* What a reply of Airstore, or none, says of the server, the way there, the clocks and the key. */

#include "daemon/diagnosis.h"
#include "lib/base/timestamp.h"
#include "lib/base/url.h"

#include <stdio.h>

#define TEXT_SIZE 1024

/* Sessions live ten minutes: a clock that is this far off makes them look over before they are. */
#define CLOCK_WRONG_USEC (10 * USEC_PER_MINUTE)
#define CLOCK_ODD_USEC USEC_PER_MINUTE
#define CERTIFICATE_SOON_USEC (7 * 24 * 60 * USEC_PER_MINUTE)

#define WHERE_FROM "see where it is set: airstore-oauth config"

/* The host of a URL that is known to be plain. */
static int host_of(const char *url, const char **ret)
{
    const char *host = strstr(url, "://");

    *ret = host ? host + strlen("://") : url;
    return (int)strcspn(*ret, "/:");
}

static const char *advice_for_certificate(const char *text)
{
    static const struct {
        const char *part, *advice;
    } table[] = {
        {"expired", "check the date of this computer: timedatectl"},
        {"not yet valid", "check the date of this computer: timedatectl"},
        {"does not match", WHERE_FROM},
        {"no alternative certificate", WHERE_FROM},
    };

    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (strstr(text, table[i].part))
            return table[i].advice;
    }
    return "somebody may be between this computer and Airstore; if that is your organisation, have "
           "its certificate installed: sudo update-ca-certificates";
}

/* No reply: why, and what to do. */
static int add_no_reply(
    const struct profile *profile, const struct api_reply *reply, struct json_object *checks)
{
    const char *text = reply->transport_text, *host;
    char advice[TEXT_SIZE];
    int length = host_of(profile->base_url, &host);

    switch (reply->obstacle) {
    case API_OBSTACLE_CERTIFICATE:
        return diagnosis_addf(checks, "tls", DIAGNOSIS_WRONG, advice_for_certificate(text),
            "%s is not trusted, so the API key was not sent there: %s", profile->base_url, text);
    case API_OBSTACLE_AUTHORITIES:
        return diagnosis_addf(checks, "tls", DIAGNOSIS_WRONG,
            "sudo apt install --reinstall ca-certificates",
            "no server can be trusted, for the certificates of authorities are missing here: %s",
            text);
    case API_OBSTACLE_TLS:
        return diagnosis_addf(checks, "tls", DIAGNOSIS_WRONG, WHERE_FROM,
            "no safe connection can be made to %s: %s", profile->base_url, text);
    case API_OBSTACLE_NAME:
        snprintf(advice, sizeof(advice), "getent hosts %.*s, and " WHERE_FROM, length, host);
        break;
    case API_OBSTACLE_NONE:
        snprintf(advice, sizeof(advice), "curl -sSI %s, and " WHERE_FROM, profile->base_url);
        break;
    }
    return diagnosis_addf(checks, "server", DIAGNOSIS_WRONG, advice, "%s cannot be reached: %s",
        profile->base_url, text);
}

static int add_certificate(const struct profile *profile, const struct api_reply *reply,
    int64_t realtime, struct json_object *checks)
{
    char until[TIMESTAMP_SIZE];

    if (url_is_loopback(profile->base_url) && strncmp(profile->base_url, "http:", 5) == 0)
        return diagnosis_add(
            checks, "tls", DIAGNOSIS_OK, "needs none: the server is on this computer", NULL);
    if (reply->certificate_expires_usec < 0)
        return diagnosis_add(
            checks, "tls", DIAGNOSIS_OK, "the server's certificate is trusted", NULL);
    bool soon = reply->certificate_expires_usec - realtime < CERTIFICATE_SOON_USEC;
    return diagnosis_addf(checks, "tls", soon ? DIAGNOSIS_WARNING : DIAGNOSIS_OK,
        soon ? "check the date of this computer: timedatectl" : NULL,
        "the server's certificate is trusted, and valid until %.10s",
        timestamp_format(reply->certificate_expires_usec, until));
}

static int add_clock(const struct api_reply *reply, int64_t realtime, struct json_object *checks)
{
    if (reply->date_usec < 0)
        return 0;
    /* The server cuts its time to whole seconds. */
    int64_t ahead = realtime - reply->date_usec - USEC_PER_SEC / 2;
    int64_t off = ahead < 0 ? -ahead : ahead;
    long long seconds = (long long)(off / USEC_PER_SEC);

    if (off < CLOCK_ODD_USEC)
        return diagnosis_addf(checks, "clock", DIAGNOSIS_OK, NULL,
            "this computer's clock and Airstore's differ by %lld s", seconds);
    return diagnosis_addf(checks, "clock",
        off < CLOCK_WRONG_USEC ? DIAGNOSIS_WARNING : DIAGNOSIS_WRONG,
        "sudo timedatectl set-ntp true", "this computer's clock is %lld min %lld s %s Airstore's",
        seconds / 60, seconds % 60, ahead > 0 ? "ahead of" : "behind");
}

static int add_key(
    const struct profile *profile, const struct api_error *error, struct json_object *checks)
{
    char text[CONFIG_TEXT_SIZE], login[128];

    snprintf(login, sizeof(login), "airstore-oauth login%s%s", profile->name ? " -p " : "",
        profile->name ? profile->name : "");
    if (!profile->api_key)
        return diagnosis_add(checks, "key", DIAGNOSIS_WRONG, config_no_key(profile, text), login);
    enum api_key_verdict verdict = api_error_key_verdict(error);
    if (verdict == API_KEY_ACCEPTED)
        return diagnosis_addf(checks, "key", DIAGNOSIS_OK, NULL,
            "Airstore accepts the API key from %s", profile->api_key_source);
    if (verdict == API_KEY_REFUSED)
        return diagnosis_addf(checks, "key", DIAGNOSIS_WRONG, login,
            "Airstore does not accept the API key from %s: %s", profile->api_key_source,
            error->message ? error->message : "");
    return diagnosis_addf(checks, "key", DIAGNOSIS_WARNING, NULL,
        "it could not be found out whether Airstore accepts the API key from %s",
        profile->api_key_source);
}

/* Whoever knows of no session says so in JSON. */
static bool is_airstore(const struct api_reply *reply, const struct api_error *error)
{
    return error->class != API_ERROR_INVALID_REPLY &&
           (error->class != API_ERROR_NOT_FOUND ||
               (reply->body.size > 0 && reply->body.data[0] == '{'));
}

static int add_server(const struct profile *profile, const struct api_reply *reply,
    const struct api_error *error, struct json_object *checks)
{
    if (!is_airstore(reply, error))
        return diagnosis_addf(checks, "server", DIAGNOSIS_WRONG, WHERE_FROM,
            "what answers at %s is not Airstore (HTTP status %d)", profile->base_url,
            reply->status);
    if (error->class == API_ERROR_SERVER || error->class == API_ERROR_RATE_LIMIT)
        return diagnosis_addf(checks, "server", DIAGNOSIS_WARNING,
            "try again in some minutes: airstore-oauth doctor",
            "%s is in trouble: %s (HTTP status %d)", profile->base_url,
            error->message ? error->message : "", reply->status);
    return diagnosis_addf(checks, "server", DIAGNOSIS_OK, NULL, "%s answers", profile->base_url);
}

int diagnose_reply(const struct profile *profile, const struct api_reply *reply, int64_t realtime,
    struct json_object *checks)
{
    _cleanup_api_error_ struct api_error error = {0};
    bool arrived = reply->transport == API_ERROR_NONE || reply->status > 0;
    int r;

    (void)api_parse_success(reply, &error);
    if (arrived) {
        r = add_server(profile, reply, &error, checks);
        if (r >= 0)
            r = add_certificate(profile, reply, realtime, checks);
        if (r >= 0)
            r = add_clock(reply, realtime, checks);
    } else {
        r = add_no_reply(profile, reply, checks);
    }
    if (r >= 0 && (!arrived || is_airstore(reply, &error)))
        r = add_key(profile, &error, checks);
    return r;
}
