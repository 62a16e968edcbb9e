/* SPDX-License-Identifier: MIT */
#pragma once

/* json-c's hash tables, of those that own their keys. */

#include "lib/base/memory.h"

#include <errno.h>
#include <json-c/linkhash.h>

/* For lh_kchar_table_new(). */
static inline void table_free_key(struct lh_entry *entry)
{
    free(lh_entry_k(entry));
}

/* NULL is fine. */
static inline void table_free(struct lh_table *table)
{
    if (table)
        lh_table_free(table);
}

/* Under a copy of the key, without looking whether there is one already. 0 or -ENOMEM. */
static inline int table_add(struct lh_table *table, const char *key, void *value)
{
    char *copy = strdup(key);

    if (copy && lh_table_insert(table, copy, value) >= 0)
        return 0;
    free(copy);
    return -ENOMEM;
}
