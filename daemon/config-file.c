/* SPDX-License-Identifier: MIT */
#include "daemon/config-file.h"

#include "lib/base/directory.h"
#include "lib/base/environment.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <glob.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>

struct reading {
    FILE *file;
    const char *path;
    int line;
    bool wrong, cut_off;
    const char *(*handler)(const char *section, const char *key, const char *value,
        const char *source, void *userdata);
    void *userdata;
    struct buffer *mistakes;
};

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static void mistake(struct reading *reading, int line, const char *problem)
{
    mistake_note(reading->mistakes, "%s:%d: %s", reading->path, line, problem);
    reading->wrong = true;
}

/* For libinih, which does not tell the line of a value: it is counted here. */
static char *read_line(char *text, int size, void *userdata)
{
    struct reading *reading = userdata;

    if (!fgets(text, size, reading->file))
        return NULL;
    size_t n = strlen(text);
    if (!reading->cut_off)
        reading->line++;
    if (n == (size_t)size - 1 && text[n - 1] != '\n') {
        if (!reading->cut_off)
            mistake(reading, reading->line, "this line is too long");
        reading->cut_off = true;
    } else {
        reading->cut_off = false;
    }
    return text;
}

static int on_value(void *userdata, const char *section, const char *key, const char *value)
{
    struct reading *reading = userdata;
    _cleanup_free_ char *source = NULL;
    const char *problem;

    if (asprintf(&source, "%s:%d", reading->path, reading->line) < 0) {
        source = NULL;
        problem = "does not fit into memory";
    } else {
        problem = reading->handler(section, key, value, source, reading->userdata);
    }
    if (problem)
        mistake(reading, reading->line, problem);
    return 1;
}

static int read_file(struct reading *reading)
{
    _cleanup_(close_file) FILE *file = fopen(reading->path, "re");

    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR)
            return 0;
        int r = -errno;
        mistake_note(reading->mistakes, "%s cannot be read: %s", reading->path, strerror(-r));
        return r;
    }
    reading->file = file;
    int line = ini_parse_stream(read_line, reading, on_value, reading);
    if (line > 0)
        mistake(reading, line, "this is neither [a section], nor name = value, nor a comment");
    return reading->wrong ? -EINVAL : line < 0 ? -ENOMEM : 0;
}

int config_files_read(const char *directory,
    const char *(*handler)(const char *section, const char *key, const char *value,
        const char *source, void *userdata),
    void *userdata, struct buffer *mistakes)
{
    _cleanup_free_ char *first = NULL, *pattern = NULL;
    _cleanup_(globfree) glob_t others = {0};

    if (asprintf(&first, "%s/airstore-oauthd.conf", directory) < 0 ||
        asprintf(&pattern, "%s/airstore-oauthd.conf.d/*.conf", directory) < 0)
        return -ENOMEM;
    const struct reading start = {.handler = handler, .userdata = userdata, .mistakes = mistakes};
    struct reading reading = start;
    reading.path = first;
    int r = read_file(&reading);
    if (r < 0)
        return r;
    int code = glob(pattern, 0, NULL, &others); /* sorted by name */
    if (code != 0 && code != GLOB_NOMATCH)
        return code == GLOB_NOSPACE ? -ENOMEM : -EIO;
    for (size_t i = 0; r >= 0 && i < others.gl_pathc; i++) {
        reading = start;
        reading.path = others.gl_pathv[i];
        r = read_file(&reading);
    }
    return r;
}

int config_directory(char **ret)
{
    const char *home = environment("HOME");

    return directory_of_ours("XDG_CONFIG_HOME", home ? home : "", ".config", ret);
}
