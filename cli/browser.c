/* SPDX-License-Identifier: MIT */
#include "cli/browser.h"

#include "lib/base/command.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

/* In a session of its own, which Ctrl-C does not reach, and silent. */
static int start(char *const words[], pid_t *ret)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;

    sigemptyset(&none);
    if (posix_spawn_file_actions_init(&files) != 0)
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return -ENOMEM;
    }
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    int code = posix_spawnp(ret, words[0], &files, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return -code;
}

static int start_next(struct browser *browser)
{
    int r = -ENOENT;
    char *text;

    while (r < 0 && (text = strsep(&browser->next, ":"))) {
        _cleanup_(command_clear) struct command command = {0};
        r = command_split(text, browser->url, &command);
        if (r >= 0)
            r = start(command.word, &browser->pid);
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
