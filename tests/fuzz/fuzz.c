/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

void fuzz_broken(const char *file, int line, const char *property)
{
    fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, property);
    abort();
}

char *fuzz_text(const void *data, size_t size)
{
    size_t length = size > 0 ? strnlen(data, size) : 0;
    char *text = malloc(length + 1);

    if (!text)
        abort();
    if (length > 0)
        memcpy(text, data, length);
    text[length] = '\0';
    return text;
}

uint8_t fuzz_byte(struct fuzz_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

int64_t fuzz_integer(struct fuzz_input *input)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 64; i += 8)
        value |= (uint64_t)fuzz_byte(input) << i;
    return (int64_t)value;
}

struct fuzz_input fuzz_part(struct fuzz_input *input, uint8_t separator)
{
    const uint8_t *end = input->left > 0 ? memchr(input->at, separator, input->left) : NULL;
    struct fuzz_input part = {input->at, end ? (size_t)(end - input->at) : input->left};
    size_t taken = part.left + (end ? 1 : 0);

    if (taken > 0)
        input->at += taken;
    input->left -= taken;
    return part;
}

char *fuzz_text_part(struct fuzz_input *input, uint8_t separator)
{
    struct fuzz_input part = fuzz_part(input, separator);

    return fuzz_text(part.at, part.left);
}

bool fuzz_knows_secret(const void *data, size_t size)
{
    return size > 0 && memmem(data, size, FUZZ_SECRET, strlen(FUZZ_SECRET));
}

bool fuzz_has_controls(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f))
            return true;
    }
    return false;
}

/* Files */

static char directory[64];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    return remove(path);
}

static void remove_directory(void)
{
    (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_directory(void)
{
    if (directory[0])
        return directory;
    bool memory = access("/dev/shm", W_OK) == 0;
    snprintf(directory, sizeof(directory), "%s/airstore-fuzz-XXXXXX", memory ? "/dev/shm" : "/tmp");
    if (!mkdtemp(directory))
        abort();
    atexit(remove_directory);
    return directory;
}

char *fuzz_file(const char *name, const void *data, size_t size)
{
    char *path;

    if (asprintf(&path, "%s/%s", fuzz_directory(), name) < 0)
        abort();
    _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    return path;
}
