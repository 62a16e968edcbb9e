/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The services that the sandbox pretends to connect, and the providers that would ask for consent.
 * A table of its own, apart from the client's: a stand-in that shares the client's table would also
 * share its mistakes.
 */

struct provider {
    const char *type;     /* the integration type: "gmail" */
    const char *name;     /* "Gmail" */
    const char *provider; /* "google", as in the error text "google: access_denied" */
    const char *scope;
    const char *extra_query; /* what the provider's own URL carries besides, "" when nothing */
};

/* NULL for a type that is unknown or does not use OAuth. */
const struct provider *provider_find(const char *integration_type);
