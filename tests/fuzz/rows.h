/* SPDX-License-Identifier: MIT */
#pragma once

/* What must hold of a row before the daemon takes it over, whoever wrote the file. */

#include "daemon/session.h"

void stored_session_is_sound(const struct session *session);
void stored_connection_is_sound(const struct api_connection *connection);
