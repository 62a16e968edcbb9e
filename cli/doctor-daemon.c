/* SPDX-License-Identifier: MIT */

/* The daemon itself: whether it answers, and what it finds when it looks around. */

#include "cli/doctor.h"
#include "cli/manager.h"
#include "cli/setting.h"
#include "cli/workspace.h"
#include "lib/base/timestamp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

/* A start under systemd included; and looking around, for which the keyring may take ten seconds,
 * the helper five, and Airstore ten. */
#define STATUS_TIMEOUT_USEC (5 * USEC_PER_SEC)
#define DIAGNOSE_TIMEOUT_USEC (30 * USEC_PER_SEC)

const char *doctor_restart(const struct doctor *doctor)
{
    return doctor->managed ? "systemctl --user restart airstore-oauthd"
                           : "end airstore-oauthd; then: " DAEMON " &";
}

static const char *log_of(const struct doctor *doctor)
{
    return doctor->managed ? "journalctl --user -u airstore-oauthd -n 20"
                           : "see what airstore-oauthd wrote to where it was started";
}

/* A call that is waited for, but not for ever. */
struct question {
    struct doctor *doctor;
    void (*answered)(struct doctor *doctor, const struct airstore_oauthd_reply *reply);
    bool over;
    int code;      /* of the error */
    char *message; /* its own; or NULL */
};

static void on_answer(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    struct question *question = userdata;

    question->over = true;
    if (reply) {
        question->answered(question->doctor, reply);
        return;
    }
    question->code = error->code;
    (void)string_replace(&question->message, error->message);
}

/* 0, -ETIMEDOUT, or what the library says. */
static int wait_for(struct question *question, int64_t timeout_usec)
{
    struct airstore_oauthd *oauthd = question->doctor->oauthd;
    int64_t end = timestamp_now(CLOCK_MONOTONIC) + timeout_usec;
    int r = 0;

    while (r >= 0 && !question->over) {
        int64_t left = end - timestamp_now(CLOCK_MONOTONIC);
        struct pollfd wait = {.fd = airstore_oauthd_get_fd(oauthd),
            .events = (short)airstore_oauthd_get_events(oauthd)};
        if (wait.fd < 0)
            return wait.fd;
        if (left <= 0)
            return -ETIMEDOUT;
        if (poll(&wait, 1, (int)(left / USEC_PER_MSEC) + 1) < 0 && errno != EINTR)
            return -errno;
        r = airstore_oauthd_dispatch(oauthd);
    }
    return r < 0 ? r : question->code;
}

static int ask(struct question *question,
    int (*start)(struct airstore_oauthd *oauthd, airstore_oauthd_handler handler, void *userdata,
        struct airstore_oauthd_call **ret_call),
    int64_t timeout_usec)
{
    struct airstore_oauthd_call *call = NULL;

    int r = start(question->doctor->oauthd, on_answer, question, &call);
    if (r >= 0)
        r = wait_for(question, timeout_usec);
    if (!question->over)
        airstore_oauthd_call_cancel(call);
    return r;
}

/* Whether it answers at all */

static void on_status(struct doctor *doctor, const struct airstore_oauthd_reply *reply)
{
    const char *version = reply->status->version;

    doctor->answers = true;
    if (streq(version, VERSION))
        doctor_add(doctor, "daemon", CHECK_OK, NULL, "airstore-oauthd %s answers", version);
    else
        doctor_add(doctor, "daemon", CHECK_WARNING, doctor_restart(doctor),
            "airstore-oauthd answers, but is of version %s, and airstore-oauth of " VERSION,
            version);
}

static const struct airstore_oauthd_setting *find_browser(
    const struct airstore_oauthd_reply *reply, const char *profile)
{
    const struct airstore_oauthd_setting *setting = setting_find(reply, profile, "browser");

    return setting && setting->value && *setting->value ? setting : NULL;
}

/* The command that opens the browser, the profile's before the common one. */
static void on_configuration(struct doctor *doctor, const struct airstore_oauthd_reply *reply)
{
    const struct airstore_oauthd_setting *setting =
        find_browser(reply, profile_of(doctor->arguments));

    if (!setting)
        setting = find_browser(reply, NULL);
    if (!setting)
        return;
    (void)string_replace(&doctor->browser, setting->value);
    (void)string_replace(&doctor->browser_source, setting->source);
}

void check_daemon(struct doctor *doctor)
{
    struct question status = {.doctor = doctor, .answered = on_status};
    struct question configuration = {.doctor = doctor, .answered = on_configuration};

    if (!doctor->oauthd || !doctor->listens)
        return;
    /* It answers, whichever profiles it has. */
    (void)airstore_oauthd_set_profile(doctor->oauthd, NULL);
    int r = ask(&status, airstore_oauthd_get_status_async, STATUS_TIMEOUT_USEC);
    if (airstore_oauthd_set_profile(doctor->oauthd, profile_of(doctor->arguments)) < 0)
        doctor->failed = -ENOMEM;
    if (r == -ETIMEDOUT)
        doctor_add(doctor, "daemon", CHECK_WRONG, log_of(doctor),
            "airstore-oauthd does not answer within %d seconds",
            (int)(STATUS_TIMEOUT_USEC / USEC_PER_SEC));
    else if (r < 0)
        doctor_add(doctor, "daemon", CHECK_WRONG, log_of(doctor),
            "airstore-oauthd does not answer: %s",
            status.message ? status.message : airstore_oauthd_strerror(r));
    else
        (void)ask(&configuration, airstore_oauthd_get_configuration_async, STATUS_TIMEOUT_USEC);
    free(status.message);
    free(configuration.message);
}

/* What it finds */

/* The daemon knows neither who has started it nor, in its sandbox, where its files are. */
static const char *advice_here(
    const struct airstore_oauthd_check *check, char text[static ADVICE_SIZE])
{
    if (check->result == CHECK_OK)
        return check->advice;
    if (streq(check->check, "helper") && !manager_runs())
        return "install airstore-oauthd again: airstore-oauth-desktop belongs beside it";
    if (streq(check->check, "key") && key_file_is_open(text))
        return text;
    return check->advice;
}

static void on_diagnosis(struct doctor *doctor, const struct airstore_oauthd_reply *reply)
{
    for (size_t i = 0; reply->checks[i]; i++) {
        const struct airstore_oauthd_check *check = reply->checks[i];
        char advice[ADVICE_SIZE];
        doctor_add(
            doctor, check->check, check->result, advice_here(check, advice), "%s", check->message);
    }
}

void check_by_daemon(struct doctor *doctor)
{
    struct question question = {.doctor = doctor, .answered = on_diagnosis};

    if (!doctor->answers)
        return;
    int r = ask(&question, airstore_oauthd_diagnose_async, DIAGNOSE_TIMEOUT_USEC);
    if (r == -EACCES)
        doctor_add(doctor, "diagnosis", CHECK_WARNING, "unset AIRSTORE_OAUTHD_ADDRESS",
            "this socket only gives information: what is behind it could not be looked at");
    else if (r == -EOPNOTSUPP)
        doctor_add(doctor, "diagnosis", CHECK_WARNING, doctor_restart(doctor),
            "this daemon is too old to look around by itself");
    else if (r < 0)
        doctor_add(doctor, "diagnosis", CHECK_WRONG, log_of(doctor),
            "airstore-oauthd could not look around: %s",
            question.message ? question.message : strerror(-r));
    free(question.message);
}
