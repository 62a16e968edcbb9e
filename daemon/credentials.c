/* SPDX-License-Identifier: MIT */
#include "daemon/credentials.h"

#include "daemon/vault.h"
#include "lib/base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#define KEY_MAX ((size_t)4096)
/* What the unit hands over when there is no key, for an empty credential would fail it. */
#define NO_KEY "none"
/* What stands in the place of a key that is in the person's keyring. */
#define IN_KEYRING "keyring"

/* In the vault, and never released: it cannot be read again. */
static const char *environment_key;
/* Of what the file said when the daemon started. */
static uint64_t first_file;
static bool started;

/* Anything but one word would break the header that it is sent in. */
static bool is_word(const char *key)
{
    size_t n = 0;

    for (; key[n]; n++) {
        if ((unsigned char)key[n] <= 0x20 || (unsigned char)key[n] >= 0x7f)
            return false;
    }
    return n < KEY_MAX;
}

bool credentials_is_key(const char *text)
{
    return *text && is_word(text);
}

static void trim_end(char *text)
{
    size_t n = strlen(text);

    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r' || text[n - 1] == ' '))
        text[--n] = '\0';
}

/* Reads a file with one key in it. A file that is missing, empty or says "none" is a key that is
 * NULL. */
static int read_key(const char *path, bool private, struct buffer *mistakes, const char **ret)
{
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    _cleanup_secret_ char *key = NULL;
    struct stat st;

    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            *ret = NULL;
            return 0;
        }
        int r = -errno;
        mistake_note(mistakes, "the API key in %s cannot be read: %s", path, strerror(-r));
        return r;
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        mistake_note(mistakes, "%s is not a file: put the API key there, and nothing else", path);
        return -EINVAL;
    }
    if (private && (st.st_mode & 0077)) {
        mistake_note(mistakes,
            "the API key in %s can be read by others, so it is not used: chmod 600 the file, or "
            "get a new key and store it with 'airstore-oauth login'",
            path);
        return -EPERM;
    }
    key = calloc(1, KEY_MAX + 1);
    if (!key)
        return -ENOMEM;
    ssize_t n = read(fd, key, KEY_MAX);
    if (n < 0)
        return -errno;
    bool has_nul = memchr(key, '\0', (size_t)n);
    trim_end(key);
    if (!is_word(key) || has_nul || (size_t)n == KEY_MAX) {
        mistake_note(mistakes,
            "what is in %s is not an API key: it has blanks or control characters, or is too long",
            path);
        return -EINVAL;
    }
    if (*key == '\0' || streq(key, NO_KEY)) {
        *ret = NULL;
        return 0;
    }
    const char *kept = vault_keep(key);
    if (!kept)
        return -ENOMEM;
    *ret = kept;
    return 0;
}

/* Takes the key out of the environment: /proc/PID/environ shows that memory, and children inherit
 * it. */
static int take_environment(struct buffer *mistakes)
{
    char *key = getenv("AIRSTORE_API_KEY");
    int r = 0;

    if (!key)
        return 0;
    if (!is_word(key)) {
        mistake_note(mistakes,
            "AIRSTORE_API_KEY cannot be used: it contains blanks or control characters, or is too "
            "long; set it to the key alone");
        r = -EINVAL;
    } else if (*key) {
        vault_release(environment_key);
        environment_key = vault_keep(key);
        r = environment_key ? 0 : -ENOMEM;
    }
    explicit_bzero(key, strlen(key));
    unsetenv("AIRSTORE_API_KEY");
    return r;
}

static int found(const char *key, const char *source, const char **ret_key, char **ret_source)
{
    bool elsewhere = key && streq(key, IN_KEYRING);
    char *copy = elsewhere ? strdup("keyring") : source ? strdup(source) : NULL;

    if (elsewhere)
        key = vault_release(key);
    if (source && !copy) {
        vault_release(key);
        return -ENOMEM;
    }
    *ret_key = key;
    *ret_source = copy;
    return 0;
}

static int read_credential(struct buffer *mistakes, const char **ret)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    _cleanup_free_ char *path = NULL;

    *ret = NULL;
    if (!directory)
        return 0;
    if (asprintf(&path, "%s/airstore-api-key", directory) < 0)
        return -ENOMEM;
    return read_key(path, false, mistakes, ret);
}

/* Enough to see whether a key has changed, and too little to know it again. */
static uint64_t fingerprint(const char *key_or_null)
{
    return hash_text(0, key_or_null ? key_or_null : "");
}

int credentials_read_file(
    const char *file, struct buffer *mistakes, const char **ret_key, char **ret_source)
{
    _cleanup_free_ char *source = NULL;
    const char *key = NULL;

    int r = read_key(file, true, mistakes, &key);
    if (r < 0)
        return r;
    if (key && asprintf(&source, "file %s", file) < 0) {
        source = NULL;
        vault_release(key);
        return -ENOMEM;
    }
    return found(key, source, ret_key, ret_source);
}

int credentials_find(
    const char *file, struct buffer *mistakes, const char **ret_key, char **ret_source)
{
    _cleanup_vault_ const char *credential = NULL, *file_key = NULL;
    _cleanup_free_ char *file_source = NULL;

    int r = take_environment(mistakes);
    if (r >= 0)
        r = read_credential(mistakes, &credential);
    if (r >= 0)
        r = credentials_read_file(file, mistakes, &file_key, &file_source);
    /* A file that cannot be used is no reason to fail where it is not needed. */
    if (r < 0 && (r == -ENOMEM || (!credential && !environment_key)))
        return r;

    /* Where it has no key, its source says whether that is in the keyring. */
    uint64_t file_now = fingerprint(file_key ? file_key : file_source);
    if (!started)
        first_file = file_now;
    bool changed = started && r >= 0 && getenv("CREDENTIALS_DIRECTORY") && first_file != file_now;
    started = true;

    if (file_source && changed)
        return found(TAKE_PTR(file_key), file_source, ret_key, ret_source);
    if (credential && !changed)
        return found(
            TAKE_PTR(credential), "systemd credential airstore-api-key", ret_key, ret_source);
    if (environment_key) {
        const char *kept = vault_keep(environment_key);
        return kept ? found(kept, "environment variable AIRSTORE_API_KEY", ret_key, ret_source)
                    : -ENOMEM;
    }
    return found(TAKE_PTR(file_key), file_source, ret_key, ret_source);
}
