/* SPDX-License-Identifier: MIT */
#include "cli/screen.h"

#include "lib/base/environment.h"
#include "lib/base/memory.h"

#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>

static bool utf8;

void screen_init(void)
{
    utf8 = setlocale(LC_CTYPE, "") && streq(nl_langinfo(CODESET), "UTF-8");
    if (!utf8)
        setlocale(LC_CTYPE, "C.UTF-8");
}

bool screen_is_utf8(void)
{
    return utf8;
}

static struct winsize size_of(FILE *stream)
{
    struct winsize size = {0};

    if (!isatty(fileno(stream)))
        return size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
        size = (struct winsize){.ws_col = 80, .ws_row = 24};
    return size;
}

size_t screen_width(FILE *stream)
{
    return size_of(stream).ws_col;
}

size_t screen_height(FILE *stream)
{
    return size_of(stream).ws_row;
}

bool screen_is_capable(FILE *stream)
{
    const char *term = environment("TERM");

    return isatty(fileno(stream)) && term && !streq(term, "dumb");
}

bool screen_has_colours(FILE *stream)
{
    return screen_is_capable(stream) && !environment("NO_COLOR");
}

const char *screen_bold(FILE *stream)
{
    return screen_has_colours(stream) ? "\033[1m" : "";
}

const char *screen_plain(FILE *stream)
{
    return screen_has_colours(stream) ? "\033[0m" : "";
}

bool screen_is_remote(void)
{
    return environment("SSH_CONNECTION") || environment("SSH_TTY");
}

bool screen_has_browser(void)
{
    if (screen_is_remote())
        return environment("BROWSER");
    return environment("BROWSER") || environment("WAYLAND_DISPLAY") || environment("DISPLAY") ||
           environment("WSL_DISTRO_NAME");
}
