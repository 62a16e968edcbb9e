/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/choice.h"

#include "daemon/config-file.h"

#include <errno.h>
#include <stdio.h>

struct choice {
    char *section;             /* "profile NAME", or NULL */
    char *of_profile, *of_all; /* commands */
};

static const char *on_value(
    const char *section, const char *key, const char *value, const char *source, void *userdata)
{
    struct choice *choice = userdata;
    int r = 0;

    if (!streq(key, "browser"))
        return NULL;
    if (choice->section && streq(section, choice->section))
        r = string_replace(&choice->of_profile, *value ? value : NULL);
    else if (streq(section, "airstore"))
        r = string_replace(&choice->of_all, *value ? value : NULL);
    return r < 0 ? "does not fit into memory" : NULL;
}

static void choice_clear(struct choice *choice)
{
    free(choice->section);
    free(choice->of_profile);
    free(choice->of_all);
}

int choice_of_browser(const char *profile_or_null, char **ret)
{
    _cleanup_(choice_clear) struct choice choice = {0};
    _cleanup_buffer_ struct buffer mistakes = {0};
    _cleanup_free_ char *directory = NULL;
    const char *browser = getenv("BROWSER");

    if (profile_or_null && asprintf(&choice.section, "profile %s", profile_or_null) < 0) {
        choice.section = NULL;
        return -ENOMEM;
    }
    int r = config_directory(&directory);
    if (r < 0)
        return r;
    /* A mistake elsewhere in the files is the daemon's to complain about. */
    r = config_files_read(directory, on_value, &choice, &mistakes);
    if (r == -ENOMEM)
        return r;
    const char *chosen = choice.of_profile     ? choice.of_profile
                         : browser && *browser ? browser
                                               : choice.of_all;
    *ret = NULL;
    return chosen ? string_replace(ret, chosen) : 0;
}
