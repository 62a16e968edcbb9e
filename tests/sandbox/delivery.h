/* SPDX-License-Identifier: MIT */
#pragma once

/* Sending a reply: whole, as a good server does, or in one of the ways in which servers and
 * networks fail. */

#include "tests/sandbox/http.h"
#include "tests/sandbox/pause.h"

/* Queues the reply, whose body is taken. MHD_NO closes the connection. */
enum MHD_Result delivery_send(
    struct MHD_Connection *connection, struct http_reply *reply, struct pauses *pauses);
