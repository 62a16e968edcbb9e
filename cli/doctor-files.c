/* SPDX-License-Identifier: MIT */

/* The files of a daemon that cannot be asked: where it keeps its state, and its key. */

#include "cli/doctor.h"
#include "cli/key-file.h"
#include "lib/base/directory.h"
#include "lib/base/environment.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* Shortens the path to the part of it that exists. Returns whether that is all of it. */
static bool cut_to_existing(char *path)
{
    bool whole = true;
    struct stat st;

    while (lstat(path, &st) < 0 && errno == ENOENT) {
        char *slash = strrchr(path, '/');
        if (!slash || slash == path)
            break;
        *slash = '\0';
        whole = false;
    }
    return whole;
}

void check_state(struct doctor *doctor)
{
    _cleanup_free_ char *path = NULL;
    char advice[512];
    struct stat st;

    if (doctor->answers) /* it looks by itself, and knows better where that is */
        return;
    /* Where a daemon of this session would keep it. */
    if (directory_of_ours("XDG_STATE_HOME", environment("HOME"), ".local/state", &path) < 0)
        return;
    bool whole = cut_to_existing(path);
    snprintf(advice, sizeof(advice), "ls -ld %s; df -h %s", path, path);
    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        doctor_add(doctor, "state", CHECK_WRONG, advice,
            "nothing can be kept, for %s is no directory that can be used", path);
    else if (access(path, W_OK | X_OK) < 0)
        doctor_add(doctor, "state", CHECK_WRONG, advice, "nothing can be written to %s: %s", path,
            strerror(errno));
    else
        doctor_add(doctor, "state", CHECK_OK, NULL,
            whole ? "%s can be written to" : "a state directory can be made in %s", path);
}

bool key_file_is_open(char advice[static ADVICE_SIZE])
{
    _cleanup_free_ char *path = NULL;
    struct stat st;

    if (key_file_path(&path) < 0 || stat(path, &st) < 0 || (st.st_mode & 0077) == 0)
        return false;
    snprintf(advice, ADVICE_SIZE, "chmod 600 %s; then: airstore-oauth config --reload", path);
    return true;
}

void check_key_file(struct doctor *doctor)
{
    _cleanup_free_ char *path = NULL;
    char advice[512];
    struct stat st;

    if (doctor->answers || key_file_path(&path) < 0)
        return;
    if (stat(path, &st) < 0) {
        doctor_add(doctor, "key", CHECK_WARNING, "airstore-oauth login",
            "there is no API key in %s, unless airstore-oauthd gets it from elsewhere", path);
    } else if (st.st_mode & 0077) {
        snprintf(advice, sizeof(advice), "chmod 600 %s", path);
        doctor_add(doctor, "key", CHECK_WRONG, advice,
            "the API key in %s can be read by others, so it is not used", path);
    } else {
        doctor_add(doctor, "key", CHECK_OK, NULL,
            "there is an API key in %s; only airstore-oauthd can tell whether it is good", path);
    }
}
