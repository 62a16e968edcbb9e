/* SPDX-License-Identifier: MIT */
#include "cli/browser.h"

#include "lib/base/command.h"
#include "lib/base/environment.h"
#include "lib/base/memory.h"
#include "lib/base/program.h"

#include <errno.h>
#include <stdio.h>
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
        browser->command = text;
        snprintf(browser->problem, sizeof(browser->problem), "%s cannot be started", text);
    }
    return r;
}

int browser_open(struct browser *browser, const char *url)
{
    const char *commands = environment("BROWSER");

    browser->commands = strdup(commands ? commands : "xdg-open");
    browser->next = browser->commands;
    browser->url = strdup(url);
    return browser->commands && browser->url ? start_next(browser) : -ENOMEM;
}

const char *browser_problem(const struct browser *browser)
{
    return browser->problem[0] ? browser->problem : "BROWSER names no command";
}

bool browser_failed(struct browser *browser)
{
    int status;

    if (browser->pid <= 0 || waitpid(browser->pid, &status, WNOHANG) != browser->pid)
        return false;
    browser->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return false;
    snprintf(browser->problem, sizeof(browser->problem), "%s failed (%s %d)", browser->command,
        WIFEXITED(status) ? "exit status" : "signal",
        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return start_next(browser) < 0;
}

void browser_clear(struct browser *browser)
{
    free(browser->commands);
    secret_free(browser->url);
    *browser = (struct browser){0};
}
