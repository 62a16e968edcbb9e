/* SPDX-License-Identifier: MIT */

/* The person's desktop: whether what is started for them knows of the display, and opens a browser.
 */

#include "cli/child.h"
#include "cli/doctor.h"
#include "lib/base/environment.h"

#include <stdio.h>
#include <unistd.h>

static const char *const variables[] = {
    "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_SESSION_TYPE"};

static bool is_there(const struct doctor *doctor, const char *name)
{
    return doctor_variable(doctor, name);
}

void check_display(struct doctor *doctor)
{
    char missing[256] = "systemctl --user import-environment";
    bool here = environment("DISPLAY") || environment("WAYLAND_DISPLAY");
    bool there = is_there(doctor, "DISPLAY") || is_there(doctor, "WAYLAND_DISPLAY");
    unsigned n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
        size_t used = strlen(missing);
        if (!environment(variables[i]) || is_there(doctor, variables[i]))
            continue;
        snprintf(missing + used, sizeof(missing) - used, " %s", variables[i]);
        n++;
    }
    if (here && !there)
        doctor_add(doctor, "display", CHECK_WRONG, missing,
            "your systemd knows of no display, so that no browser opens");
    else if (here && n > 0)
        doctor_add(doctor, "display", CHECK_WARNING, missing,
            "your systemd does not know all about the display that programs here know");
    else if (there)
        doctor_add(doctor, "display", CHECK_OK, NULL, "a browser can be shown");
    else
        doctor_add(doctor, "display", CHECK_OK, NULL,
            "there is none here: the address of the page is printed, for any device");
}

/* Whether the first word is a program, as PATH has it. */
static bool is_program(const struct doctor *doctor, const char *command)
{
    const char *search = doctor_variable(doctor, "PATH");
    size_t length = strcspn(command, " \t");

    if (memchr(command, '/', length)) {
        _cleanup_free_ char *path = strndup(command, length);
        return path && access(path, X_OK) >= 0;
    }
    if (!search)
        search = "/usr/local/bin:/usr/bin:/bin";
    while (length > 0 && *search) {
        size_t size = strcspn(search, ":");
        _cleanup_free_ char *path = NULL;
        if (asprintf(&path, "%.*s/%.*s", (int)size, search, (int)length, command) < 0) {
            path = NULL;
            return false;
        }
        if (access(path, X_OK) >= 0)
            return true;
        search += size + (search[size] == ':');
    }
    return false;
}

/* Of several commands, with colons between, one that is there. */
static bool has_program(const struct doctor *doctor, const char *commands)
{
    _cleanup_free_ char *copy = strdup(commands);
    char *rest = copy, *command;

    while (copy && (command = strsep(&rest, ":"))) {
        if (is_program(doctor, command + strspn(command, " \t")))
            return true;
    }
    return false;
}

static bool has_portal(void)
{
    return access("/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service", F_OK) >= 0;
}

/* xdg-open has nothing to open otherwise. */
static bool has_default_browser(void)
{
    static const char *const argv[] = {"xdg-settings", "get", "default-web-browser", NULL};
    _cleanup_free_ char *output = NULL;

    return child_ask(argv, &output) == 0 && output[strspn(output, " \n")] != '\0';
}

void check_browser(struct doctor *doctor)
{
    const char *command = doctor->browser, *source = doctor->browser_source;
    char advice[512];

    if (!command) {
        command = doctor_variable(doctor, "BROWSER");
        source = "environment variable BROWSER";
    }
    if (command) {
        _cleanup_free_ char *copy = strdup(command); /* variables are borrowed until the next */
        bool found = copy && has_program(doctor, copy);
        snprintf(advice, sizeof(advice), "correct it, or remove it: %s", source);
        doctor_add(doctor, "browser", found ? CHECK_OK : CHECK_WRONG, found ? NULL : advice,
            found ? "%s opens the browser" : "there is no program %s to open the browser with",
            copy ? copy : "");
    } else if (!is_there(doctor, "DISPLAY") && !is_there(doctor, "WAYLAND_DISPLAY")) {
        doctor_add(doctor, "browser", CHECK_OK, NULL, "is not needed where there is no display");
    } else if (!is_program(doctor, "xdg-open") && !has_portal()) {
        doctor_add(doctor, "browser", CHECK_WARNING, "sudo apt install xdg-utils",
            "there is nothing that opens a browser, so that the address of the page is printed");
    } else if (is_program(doctor, "xdg-settings") && !has_default_browser()) {
        doctor_add(doctor, "browser", CHECK_WARNING,
            "install one, or: xdg-settings set default-web-browser NAME.desktop",
            "your desktop knows of no browser, so that the address of the page is printed");
    } else {
        doctor_add(doctor, "browser", CHECK_OK, NULL, "the desktop's own way opens the browser");
    }
}
