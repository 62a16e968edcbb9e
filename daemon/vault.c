/* SPDX-License-Identifier: MIT */
#include "daemon/vault.h"

#include "daemon/list.h"

#include <sys/mman.h>

/* Each in pages of its own: there are few, and that is how the kernel can be told what they are. */
struct kept {
    struct kept *previous, *next;
    unsigned holders;
    size_t size; /* of all of it */
    char secret[];
};

static struct kept *all;

static struct kept *find(const char *secret)
{
    LIST_FOREACH (kept, all) {
        if (streq(kept->secret, secret))
            return kept;
    }
    return NULL;
}

static struct kept *store(const char *secret)
{
    size_t length = strlen(secret), size = sizeof(struct kept) + length + 1;
    struct kept *kept =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (kept == MAP_FAILED)
        return NULL;
    /* Where the limit on locked memory or the kernel does not allow it, the rest holds all the
     * same. */
    (void)mlock(kept, size);
    (void)madvise(kept, size, MADV_DONTDUMP);
    (void)madvise(kept, size, MADV_WIPEONFORK);
    kept->size = size;
    memcpy(kept->secret, secret, length + 1);
    LIST_ADD(all, kept);
    return kept;
}

const char *vault_keep(const char *secret)
{
    struct kept *kept = find(secret);

    if (!kept)
        kept = store(secret);
    if (!kept)
        return NULL;
    kept->holders++;
    return kept->secret;
}

const char *vault_release(const char *kept_or_null)
{
    if (!kept_or_null)
        return NULL;
    struct kept *kept = find(kept_or_null);
    if (kept && --kept->holders == 0) {
        size_t size = kept->size; /* which is erased as well */
        LIST_REMOVE(all, kept);
        explicit_bzero(kept, size);
        (void)munmap(kept, size);
    }
    return NULL;
}
