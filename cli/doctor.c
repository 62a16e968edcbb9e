/* SPDX-License-Identifier: MIT */

/* doctor: looks at everything that has to be right, and says what to do where it is not. Works
 * without a daemon, too; what takes the key or the daemon's place in the world, the daemon is asked
 * for. */

#include "cli/doctor.h"

#include "cli/outcome.h"
#include "cli/screen.h"
#include "cli/term.h"
#include "lib/base/json.h"
#include "lib/oauthd/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static void (*const checks[])(struct doctor *doctor) = {
    check_runtime,
    check_socket,
    check_daemon,
    check_units,
    check_state,
    check_key_file,
    check_display,
    check_browser,
    check_by_daemon,
};

static const char *const marks[] = {
    [CHECK_OK] = "✓",
    [CHECK_WARNING] = "!",
    [CHECK_WRONG] = "✗",
};

void doctor_add(struct doctor *doctor, const char *check, enum airstore_oauthd_check_result result,
    const char *advice, const char *format, ...)
{
    struct finding *more =
        reallocarray(doctor->findings, doctor->n_findings + 1, sizeof(*doctor->findings));
    va_list arguments;

    if (!more) {
        doctor->failed = -ENOMEM;
        return;
    }
    doctor->findings = more;
    struct finding *finding = &more[doctor->n_findings++];
    *finding = (struct finding){.result = result};
    va_start(arguments, format);
    if (vasprintf(&finding->message, format, arguments) < 0)
        finding->message = NULL;
    va_end(arguments);
    if (!finding->message || string_replace(&finding->check, check) < 0 ||
        string_replace(&finding->advice, advice) < 0)
        doctor->failed = -ENOMEM;
}

static void doctor_clear(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->n_findings; i++) {
        free(doctor->findings[i].check);
        free(doctor->findings[i].message);
        free(doctor->findings[i].advice);
    }
    free(doctor->findings);
    free(doctor->environment);
    free(doctor->browser);
    free(doctor->browser_source);
}

static unsigned count(const struct doctor *doctor, enum airstore_oauthd_check_result result)
{
    unsigned n = 0;

    for (size_t i = 0; i < doctor->n_findings; i++)
        n += doctor->findings[i].result == result;
    return n;
}

static int to_json(const struct finding *finding, struct json_object *array)
{
    struct json_object *object = json_object_new_object();

    if (object && json_add_string(object, "check", finding->check) >= 0 &&
        json_add_string(object, "result", word_of(&check_result_words, finding->result)) >= 0 &&
        json_add_string(object, "message", finding->message) >= 0 &&
        json_add_string(object, "advice", finding->advice) >= 0)
        return json_append_to(array, object);
    json_object_put(object);
    return -ENOMEM;
}

static int show_json(const struct doctor *doctor)
{
    _cleanup_json_ struct json_object *reply = json_object_new_object();
    struct json_object *array = json_object_new_array();
    int r = reply && array ? 0 : -ENOMEM;

    for (size_t i = 0; r >= 0 && i < doctor->n_findings; i++)
        r = to_json(&doctor->findings[i], array);
    if (r < 0) {
        json_object_put(array);
        return r;
    }
    r = json_add(reply, "checks", array);
    return r < 0 ? r : print_json_tree(reply);
}

/* Marks where people read them, else words. */
static void show(const struct doctor *doctor)
{
    bool marked = screen_width(stdout) > 0 && screen_is_utf8();
    int column = marked ? 16 : 22;

    for (size_t i = 0; i < doctor->n_findings; i++) {
        const struct finding *finding = &doctor->findings[i];
        char name[64];
        if (is_quiet() && finding->result == CHECK_OK)
            continue;
        snprintf(name, sizeof(name), marked ? "%s %s" : "%-7s %s",
            marked ? marks[finding->result] : word_of(&check_result_words, finding->result),
            finding->check);
        print_field(name, (size_t)column, "%s", finding->message);
        /* Not broken into lines, so that it can be copied. */
        if (finding->advice)
            print_line("%*s%s %s", column - 3, "", marked ? " →" : "->", finding->advice);
    }
}

static void sum_up(const struct doctor *doctor)
{
    unsigned wrong = count(doctor, CHECK_WRONG), warnings = count(doctor, CHECK_WARNING);

    if (wrong > 0)
        say("%u of %zu checks found something wrong.", wrong, doctor->n_findings);
    else if (warnings > 0)
        say("Nothing is wrong, but there %s %u warning%s.", warnings == 1 ? "is" : "are", warnings,
            warnings == 1 ? "" : "s");
    else
        say("All is well.");
}

static enum status doctor(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct doctor doctor = {.oauthd = oauthd, .arguments = arguments};
    int r = 0;

    for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
        checks[i](&doctor);
    r = doctor.failed;
    if (r >= 0 && arguments->json) {
        r = show_json(&doctor);
    } else if (r >= 0) {
        show(&doctor);
        sum_up(&doctor);
    }
    bool wrong = count(&doctor, CHECK_WRONG) > 0;
    doctor_clear(&doctor);
    return r < 0 ? report_code(r) : wrong ? STATUS_FAILED : STATUS_DONE;
}

const struct verb verb_doctor = {
    .name = "doctor",
    .summary = "find out what does not work, and why",
    .description =
        "Looks at the socket, the units, the daemon and its configuration, the key, the way to\n"
        "Airstore, the display and the browser. Each line says whether that is well, and what to\n"
        "do where it is not. Exits with 1 when something is wrong; warnings do not count.",
    .options = (const struct option_entry[]){OPTION_PROFILE, {0}},
    .works_without_daemon = true,
    .run = doctor,
};
