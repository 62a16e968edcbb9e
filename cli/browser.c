/* SPDX-License-Identifier: MIT */
#include "cli/browser.h"

#include "lib/base/command.h"
#include "lib/base/memory.h"
#include "lib/base/program.h"

#include <errno.h>
#include <sys/wait.h>

static int start_next(struct browser *browser)
{
    int r = -ENOENT;
    char *text;

    while (r < 0 && (text = strsep(&browser->next, ":"))) {
        _cleanup_(command_clear) struct command command = {0};
        r = command_split(text, browser->url, &command);
        if (r >= 0)
            r = program_start((const char *const *)command.word, PROGRAM_SILENT, &browser->pid);
    }
    return r;
}

int browser_open(struct browser *browser, const char *url)
{
    const char *commands = getenv("BROWSER");

    browser->commands = strdup(commands && *commands ? commands : "xdg-open");
    browser->next = browser->commands;
    browser->url = strdup(url);
    return browser->commands && browser->url ? start_next(browser) : -ENOMEM;
}

bool browser_failed(struct browser *browser)
{
    int status;

    if (browser->pid <= 0 || waitpid(browser->pid, &status, WNOHANG) != browser->pid)
        return false;
    browser->pid = 0;
    return !(WIFEXITED(status) && WEXITSTATUS(status) == 0) && start_next(browser) < 0;
}

void browser_clear(struct browser *browser)
{
    free(browser->commands);
    secret_free(browser->url);
    *browser = (struct browser){0};
}
