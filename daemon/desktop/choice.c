/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/choice.h"

#include "daemon/config-file.h"
#include "lib/base/environment.h"

#include <errno.h>
#include <stdio.h>

struct reading {
    const char *section; /* "profile NAME", or NULL */
    struct choice choice;
};

static const char *on_value(
    const char *section, const char *key, const char *value, const char *source, void *userdata)
{
    struct reading *reading = userdata;
    char **command = NULL;

    if (reading->section && streq(section, reading->section))
        command = &reading->choice.of_profile;
    else if (streq(section, "airstore"))
        command = &reading->choice.of_all;
    if (!command || !streq(key, "browser"))
        return NULL;
    return string_replace(command, *value ? value : NULL) < 0 ? "does not fit into memory" : NULL;
}

int choice_of_browser(const char *profile_or_null, struct choice *ret)
{
    _cleanup_buffer_ struct buffer mistakes = {0};
    _cleanup_free_ char *directory = NULL, *section = NULL;
    const char *browser = environment("BROWSER");
    struct reading reading = {0};

    if (profile_or_null && asprintf(&section, "profile %s", profile_or_null) < 0) {
        section = NULL;
        return -ENOMEM;
    }
    reading.section = section;
    int r = config_directory(&directory);
    if (r < 0)
        return r;
    /* A mistake elsewhere in the files is the daemon's to complain about. */
    r = config_files_read(directory, on_value, &reading, &mistakes);
    if (r != -ENOMEM)
        r = string_replace(&reading.choice.of_environment, browser);
    if (r < 0) {
        choice_clear(&reading.choice);
        return r;
    }
    *ret = reading.choice;
    return 0;
}

void choice_clear(struct choice *choice)
{
    free(choice->of_profile);
    free(choice->of_environment);
    free(choice->of_all);
    *choice = (struct choice){0};
}
