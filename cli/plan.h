/* SPDX-License-Identifier: MIT */
#pragma once

/* What is known before an authorization begins: what it is for, and what it will change. */

#include "cli/verb.h"

#include <stdint.h>

struct plan {
    char *name;              /* of the integration, for people; its type when it is not known */
    char *workspace_id;      /* NULL: that of the API key */
    bool connected;          /* there is a connection, which will be renewed */
    int64_t updated_at_usec; /* of that connection; -1 when it is not known */
    bool untold;             /* it will be refused: what is planned does not matter */
    bool unsure;             /* Airstore may have a connection that is not known here */
};

/*
 * Asks the daemon, which answers from what it knows. What it cannot tell is left out: whether that
 * matters, the authorization will show. Returns 0 or -ENOMEM; the plan has to be cleared in any
 * case.
 */
int plan_make(struct airstore_oauthd *oauthd, const struct arguments *arguments, struct plan *plan);
void plan_clear(struct plan *plan);

/* Takes in what is listed for this integration: of several connections, the newest counts. */
void plan_learn(struct plan *plan, const struct arguments *arguments,
    const struct airstore_oauthd_reply *connections);
