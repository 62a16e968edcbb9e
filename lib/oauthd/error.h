/* SPDX-License-Identifier: MIT */
#pragma once

/* Errors: those of the daemon by their names, those on the way to it by their errno. Pure: no I/O.
 */

#include "lib/airstore-oauthd.h"
#include "lib/base/memory.h"

#include <json-c/json.h>

/*
 * Each returns the negative errno of the error. *ret_error (unless NULL) is an error that the
 * caller frees; never NULL.
 */

/* An error that the daemon raised. parameters: as they came, or NULL. */
int error_from_reply(
    const char *name, struct json_object *parameters, struct airstore_oauthd_error **ret_error);

/* Anything else. */
int error_from_code(int code, struct airstore_oauthd_error **ret_error);
