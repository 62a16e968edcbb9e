/* SPDX-License-Identifier: MIT */
#pragma once

/* Replies of the daemon, as structures. Pure: no I/O. */

#include "lib/airstore-oauthd.h"
#include "lib/base/memory.h"

#include <json-c/json.h>

/*
 * parameters: as they came, NULL when there were none; what is returned keeps a reference.
 * required: the member without which the reply makes no sense, or NULL. Members that are not known
 * are ignored, so that older programs go on working.
 * Returns 0 and a reply that the caller frees; -EBADMSG when a member is missing or of another
 * type; -ENOMEM.
 */
int reply_parse(struct json_object *parameters, bool continues, const char *required,
    struct airstore_oauthd_reply **ret);

DEFINE_CLEANUP(struct airstore_oauthd_reply *, airstore_oauthd_reply_free);

/* "denied" as a value. Anything that is not known counts as unknown, nothing as none. */
enum airstore_oauthd_failure reply_failure(const char *text_or_null);
