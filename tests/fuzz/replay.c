/* SPDX-License-Identifier: MIT */

/* Runs a target once for each file of the corpus (or for those that are named), with any compiler:
 * what was found once stays found. */

#include "tests/fuzz/fuzz.h"

#include <ftw.h>
#include <sys/stat.h>

static unsigned n_run;

static int run_file(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    size_t size = (size_t)st->st_size;

    if (kind != FTW_F)
        return 0;
    /* Exactly as large as the file, so that reading past its end is seen. */
    _cleanup_free_ uint8_t *data = malloc(size > 0 ? size : 1);
    FILE *file = fopen(path, "re");

    if (!data || !file || fread(data, 1, size, file) != size) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    fclose(file);
    if (getenv("FUZZ_VERBOSE"))
        fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(data, size);
    n_run++;
    return 0;
}

int main(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        if (nftw(argv[i], run_file, 16, FTW_PHYS) != 0) {
            fprintf(stderr, "%s cannot be read\n", argv[i]);
            return 2;
        }
    }
    printf("%u inputs\n", n_run);
    return n_run > 0 ? 0 : 2;
}
