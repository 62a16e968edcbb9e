/* SPDX-License-Identifier: MIT */
#include "daemon/list-problem.h"

#include <errno.h>
#include <stdio.h>

void list_problem_clear(struct list_problem *problem)
{
    free(problem->text);
    free(problem->place);
    free(problem->cause);
    *problem = (struct list_problem){0};
}

int list_problem_note(struct list_problem *problem, const char *place, const char *workspace_id,
    const struct api_connections *list)
{
    const struct api_error *error = &list->problem;
    const char *cause = error->message ? error->message : "";
    bool same_list = problem->text && streq(problem->place, place);
    struct list_problem new = {0};

    if (error->class == API_ERROR_NONE) {
        if (same_list)
            list_problem_clear(problem);
        return 0;
    }
    if (same_list && streq(problem->cause, cause))
        return 0;
    new.place = strdup(place);
    new.cause = strdup(cause);
    if (asprintf(&new.text,
            "%zu of the connections that Airstore lists for the workspace %s cannot be read, so "
            "what was known of them before stays: %s%s%s",
            list->n_unreadable + list->n_nameless, workspace_id, cause,
            *error->request_id ? "; request ID " : "", error->request_id) < 0)
        new.text = NULL;
    if (!new.text || !new.place || !new.cause) {
        list_problem_clear(&new);
        return -ENOMEM;
    }
    list_problem_clear(problem);
    *problem = new;
    return 1;
}
