/* SPDX-License-Identifier: MIT */
#pragma once

/* The services that Airstore can connect, as far as we know them. Adding one is a line in
 * integration.c. */

#include <stdbool.h>
#include <stddef.h>

enum integration_authentication {
    INTEGRATION_OAUTH,
    INTEGRATION_OAUTH_OR_TOKEN,
    INTEGRATION_API_KEY,
};

struct integration {
    const char *type; /* as in the API: "gmail" */
    const char *name; /* as people know it: "Gmail" */
    enum integration_authentication authentication;
};

/* The table, in the order in which it is shown. */
const struct integration *integration_table(size_t *ret_n);

/* NULL for a type that is not in the table. Airstore may know it all the same. */
const struct integration *integration_find(const char *type);

/* The name to show: the table's, or the type itself. */
const char *integration_name(const char *type);

/* Whether it may be sent to Airstore at all: 1 to 64 characters of [a-z0-9_-]. */
bool integration_type_is_valid(const char *type);
