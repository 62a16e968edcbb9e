/* SPDX-License-Identifier: MIT */
#include "cli/key-file.h"

#include "lib/base/directory.h"
#include "lib/base/environment.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int key_file_path(char **ret)
{
    _cleanup_free_ char *directory = NULL;

    int r = directory_of_ours("XDG_CONFIG_HOME", environment("HOME"), ".config", &directory);
    if (r < 0)
        return r;
    return asprintf(ret, "%s/api-key", directory) < 0 ? -ENOMEM : 0;
}

int key_file_resolve(const char *path, char **ret)
{
    const char *home = environment("HOME");
    bool in_home = strncmp(path, "~/", 2) == 0 && home;
    int n = asprintf(ret, "%s%s", in_home ? home : "", in_home ? path + 1 : path);

    return n < 0 ? -ENOMEM : 0;
}

bool key_file_says_keyring(const char *path)
{
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char text[sizeof(KEY_FILE_KEYRING)]; /* a line end as well, and nothing more */

    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
    bool says = n >= (ssize_t)strlen(KEY_FILE_KEYRING) &&
                memcmp(text, KEY_FILE_KEYRING, strlen(KEY_FILE_KEYRING)) == 0 &&
                (n == (ssize_t)strlen(KEY_FILE_KEYRING) || text[n - 1] == '\n');
    explicit_bzero(text, sizeof(text));
    return says;
}

static int write_text(int fd, const char *text)
{
    ssize_t n = write(fd, text, strlen(text));

    if (n < 0)
        return -errno;
    return (size_t)n < strlen(text) ? -ENOSPC : 0;
}

int key_file_write(const char *path, const char *key)
{
    _cleanup_free_ char *new_path = NULL;

    int r = directories_make_above(path);
    if (r < 0)
        return r;
    if (asprintf(&new_path, "%s.XXXXXX", path) < 0) {
        new_path = NULL;
        return -ENOMEM;
    }
    _cleanup_close_ int fd = mkostemp(new_path, O_CLOEXEC); /* of mode 0600 */
    if (fd < 0)
        return -errno;
    r = write_text(fd, key);
    if (r >= 0)
        r = write_text(fd, "\n");
    if (r >= 0 && fsync(fd) < 0)
        r = -errno;
    if (r >= 0 && rename(new_path, path) < 0)
        r = -errno;
    if (r < 0)
        (void)unlink(new_path);
    return r;
}
