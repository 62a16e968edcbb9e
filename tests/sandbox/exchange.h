/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One request and its reply, from the first header to the last byte: collects the body, notes the
 * request, holds it as long as a fault says, has it answered, spoils the reply, and sends it.
 */

#include "tests/sandbox/pause.h"
#include "tests/sandbox/sandbox.h"

#include <microhttpd.h>

struct exchange_context {
    struct sandbox *sandbox;
    struct pauses *pauses;
};

/* For MHD_start_daemon(), with a struct exchange_context. */
enum MHD_Result exchange_handle(void *userdata, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload_data, size_t *upload_data_size,
    void **exchange);

/* For MHD_OPTION_NOTIFY_COMPLETED. */
void exchange_completed(void *userdata, struct MHD_Connection *connection, void **exchange,
    enum MHD_RequestTerminationCode why);
