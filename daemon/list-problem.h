/* SPDX-License-Identifier: MIT */
#pragma once

/* What was wrong with the last list of connections that had entries which cannot be read, until the
 * same list is fine again. Pure. */

#include "lib/api/response.h"

struct list_problem {
    char *text;  /* for people; NULL when all is well */
    char *place; /* whose list it was */
    char *cause; /* what was wrong, without what differs each time */
};

/*
 * Notes what a list says of itself. place: tells lists apart. Returns 1 when there is a problem
 * that was not known before, 0, or -ENOMEM: nothing is noted then.
 */
int list_problem_note(struct list_problem *problem, const char *place, const char *workspace_id,
    const struct api_connections *list);

void list_problem_clear(struct list_problem *problem);
