/* SPDX-License-Identifier: MIT */
#pragma once

/* What must hold of every reply that Airstore, or whoever answers in its place, can send. */

#include "lib/api/response.h"

/* Has every parser read it. What they let through is fit to be kept, compared, shown and opened;
 * what they refuse leaves nothing behind and says why in plain text. */
void reply_is_sound(const struct api_reply *reply);
