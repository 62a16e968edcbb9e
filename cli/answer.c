/* SPDX-License-Identifier: MIT */
#include "cli/answer.h"

#include "cli/outcome.h"
#include "cli/term.h"

enum status answer(int r, struct airstore_oauthd_reply *reply, struct airstore_oauthd_error *error,
    const struct arguments *arguments, show_reply show)
{
    if (r < 0) {
        enum status status = report_error(error, arguments);
        airstore_oauthd_error_free(error);
        return status;
    }
    r = arguments->json ? print_json(airstore_oauthd_reply_json(reply)) : show(reply, arguments);
    airstore_oauthd_reply_free(reply);
    return r < 0 ? report_code(r) : STATUS_DONE;
}
