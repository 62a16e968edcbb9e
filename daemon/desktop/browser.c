/* SPDX-License-Identifier: MIT */
#include "daemon/desktop/browser.h"

#include "daemon/desktop/choice.h"
#include "daemon/desktop/launch.h"
#include "daemon/desktop/portal.h"
#include "daemon/mistake.h"
#include "lib/base/environment.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/utsname.h>

#define PROBLEMS_MAX ((size_t)2048)

struct opening {
    sd_event *event;
    struct choice choice;
    char *url;
    bool display;
    size_t way; /* the next of the table */
    struct buffer problems;
    sd_event_source *giving_up; /* when no way is left */
    desktop_handler handler;
    void *userdata;
};

static void opening_free(struct opening *opening)
{
    sd_event_source_disable_unref(opening->giving_up);
    sd_event_unref(opening->event);
    choice_clear(&opening->choice);
    secret_free(opening->url);
    buffer_clear(&opening->problems);
    free(opening);
}

static bool has_display(void)
{
    return environment("WAYLAND_DISPLAY") || environment("DISPLAY");
}

/* Where Linux runs inside Windows, xdg-open finds the browser of Windows, display or not. */
static bool is_windows(void)
{
    struct utsname name;

    return environment("WSL_DISTRO_NAME") ||
           (uname(&name) == 0 && strcasestr(name.release, "microsoft"));
}

static void conclude(struct opening *opening, const char *problem)
{
    desktop_handler handler = opening->handler;
    void *userdata = opening->userdata;

    opening_free(opening);
    handler(problem, userdata);
}

static void try_next(struct opening *opening);

static void on_tried(const char *problem, void *userdata)
{
    struct opening *opening = userdata;

    if (problem) {
        mistake_note(&opening->problems, "%s", problem);
        try_next(opening);
    } else {
        conclude(opening, NULL);
    }
}

/* The ways. Each is under way when it returns 0, and left out when it returns a negative value. */

static int try_command(struct opening *opening, const char *command)
{
    return command ? launch_command(opening->event, command, opening->url, on_tried, opening)
                   : -ENOENT;
}

static int try_profile(struct opening *opening)
{
    return try_command(opening, opening->choice.of_profile);
}

static int try_environment(struct opening *opening)
{
    return opening->choice.of_profile ? -ENOENT
                                      : try_command(opening, opening->choice.of_environment);
}

static int try_all(struct opening *opening)
{
    return opening->choice.of_profile ? -ENOENT : try_command(opening, opening->choice.of_all);
}

static void on_portal(const char *problem, void *userdata)
{
    struct opening *opening = userdata;

    /* Where there is no display, nobody expects a portal either. */
    if (problem && !opening->display)
        try_next(opening);
    else
        on_tried(problem, opening);
}

/* One that runs although there is no display is that of a container's host. */
static int try_portal(struct opening *opening)
{
    return opening->choice.of_profile
               ? -ENOENT
               : portal_open(opening->event, opening->url, opening->display, on_portal, opening);
}

/* Without a display it would start a text browser that nobody sees. */
static int try_xdg_open(struct opening *opening)
{
    if (opening->choice.of_profile)
        return -ENOENT;
    if (opening->display || is_windows())
        return try_command(opening, "xdg-open");
    mistake_note(&opening->problems, "there is no display");
    return -ENOENT;
}

static int (*const ways[])(struct opening *opening) = {
    try_profile, try_environment, try_all, try_portal, try_xdg_open};

static int on_giving_up(sd_event_source *source, void *userdata)
{
    struct opening *opening = userdata;
    _cleanup_free_ char *problem = buffer_take(&opening->problems);

    conclude(opening, problem ? problem : "memory ran out");
    return 0;
}

static void try_next(struct opening *opening)
{
    while (opening->way < ARRAY_SIZE(ways)) {
        if (ways[opening->way++](opening) >= 0)
            return;
    }
    /* From the loop, and not from within the call that asked for a browser. */
    sd_event_source_set_enabled(opening->giving_up, SD_EVENT_ONESHOT);
}

int browser_open(sd_event *event, const char *profile_or_null, const char *url,
    desktop_handler handler, void *userdata)
{
    struct opening *opening = calloc(1, sizeof(*opening));

    if (!opening)
        return -ENOMEM;
    opening->event = sd_event_ref(event);
    opening->display = has_display();
    opening->problems.limit = PROBLEMS_MAX;
    opening->handler = handler;
    opening->userdata = userdata;
    int r = choice_of_browser(profile_or_null, &opening->choice);
    if (r >= 0)
        r = string_replace(&opening->url, url);
    if (r >= 0)
        r = sd_event_add_defer(event, &opening->giving_up, on_giving_up, opening);
    if (r >= 0)
        r = sd_event_source_set_enabled(opening->giving_up, SD_EVENT_OFF);
    if (r < 0) {
        opening_free(opening);
        return r;
    }
    try_next(opening);
    return 0;
}
