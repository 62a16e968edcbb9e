/* SPDX-License-Identifier: MIT */

/*
 * Erases all memory that a program gives back. We erase our own secrets where we hold them; but
 * libcurl, OpenSSL and json-c make copies of the key and of tokens while they work with them, and
 * give them back as they are. So the programs (never the libraries: that is not theirs to decide)
 * are linked with these two functions in the place of libc's.
 */

#include "lib/base/memory.h"

#include <dlfcn.h>
#include <malloc.h>

#define EXPORTED __attribute__((visibility("default")))

static void give_back(void *memory)
{
    static void (*give)(void *memory);

    /* Looked up rather than called by a name of glibc's own, so that valgrind sees it. */
    if (!give)
        *(void **)&give = dlsym(RTLD_NEXT, "free");
    if (give)
        give(memory);
}

EXPORTED void free(void *memory)
{
    if (!memory)
        return;
    /* No compiler leaves it out: for all that it knows, give_back() reads what is there. */
    memset(memory, 0, malloc_usable_size(memory));
    give_back(memory);
}

/* Libc's would leave what it moves behind. */
EXPORTED void *realloc(void *memory, size_t size)
{
    size_t had = memory ? malloc_usable_size(memory) : 0;

    if (size > 0 && size <= had && size >= had / 2)
        return memory;
    void *moved = malloc(size); /* NOLINT(clang-analyzer-optin.portability.UnixAPI): as libc does */
    if (!moved || !memory)
        return moved;
    memcpy(moved, memory, size < had ? size : had);
    free(memory);
    return moved;
}
