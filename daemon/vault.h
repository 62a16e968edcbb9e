/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Where secrets are kept that are needed for long: API keys. Each is there once, however many hold
 * it, in memory that is never written to swap, nor to a core file, nor seen by a child.
 */

#include "lib/base/memory.h"

/* The secret, or NULL when memory has run out. To be released as often as it was kept. */
const char *vault_keep(const char *secret);

/* Erased once nobody holds it any more. NULL is fine. Returns NULL. */
const char *vault_release(const char *kept_or_null);

DEFINE_CLEANUP(const char *, vault_release);
#define _cleanup_vault_ _cleanup_(vault_releasep)
