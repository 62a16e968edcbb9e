/* SPDX-License-Identifier: MIT */

/* watch: what the daemon knows, and every change as it happens, a line each. */

#include "cli/outcome.h"
#include "cli/term.h"

#include <errno.h>
#include <poll.h>

struct watching {
    bool json;
    bool over;
    enum status status;
};

static void show_session(const struct airstore_oauthd_session *session)
{
    switch (session->status) {
    case AIRSTORE_OAUTHD_PENDING:
        print_line("session %s: %s waits for approval%s%s", session->session_id,
            session->integration_type, session->trouble ? "; " : "",
            session->trouble ? session->trouble : "");
        break;
    case AIRSTORE_OAUTHD_COMPLETE:
        print_line("session %s: %s is connected as %s", session->session_id,
            session->integration_type, session->connection_id);
        break;
    case AIRSTORE_OAUTHD_ERROR:
        print_line("session %s: %s was not connected: %s", session->session_id,
            session->integration_type, session->error ? session->error : "no reason is known");
        break;
    }
}

static void show_connection(const struct airstore_oauthd_connection *connection)
{
    print_line("connection %s: %s%s%s%s%s", connection->connection_id, connection->integration_type,
        connection->workspace_id ? " of " : "",
        connection->workspace_id ? connection->workspace_id : "",
        connection->profile ? ", profile " : "", connection->profile ? connection->profile : "");
}

static void show(const struct airstore_oauthd_reply *reply)
{
    if (reply->session)
        show_session(reply->session);
    else if (reply->connection)
        show_connection(reply->connection);
    else if (reply->deleted_connection_id)
        print_line("connection %s: deleted", reply->deleted_connection_id);
    else
        say("That is all that is known; changes follow. Ctrl-C ends this.");
}

static void on_event(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    struct watching *watching = userdata;
    int r = 0;

    if (error) {
        watching->status = report_error(error, NULL);
        watching->over = true;
        return;
    }
    if (watching->json)
        r = print_json(airstore_oauthd_reply_json(reply));
    else
        show(reply);
    /* Whoever reads this wants each line as it happens. A reader that left ends the watch. */
    if (r >= 0 && fflush(stdout) == EOF)
        r = -errno;
    if (r < 0)
        watching->status = report_code(r);
    watching->over = r < 0 || !reply->continues;
}

static enum status watch(struct airstore_oauthd *oauthd, const struct arguments *arguments)
{
    struct watching watching = {.json = arguments->json};

    int r = airstore_oauthd_watch_async(oauthd, on_event, &watching, NULL);
    while (r >= 0 && !watching.over) {
        struct pollfd wait = {.fd = airstore_oauthd_get_fd(oauthd),
            .events = (short)airstore_oauthd_get_events(oauthd)};
        if (poll(&wait, 1, -1) < 0 && errno != EINTR)
            r = -errno;
        else
            r = airstore_oauthd_dispatch(oauthd);
    }
    return r < 0 ? report_code(r) : watching.status;
}

const struct verb verb_watch = {
    .name = "watch",
    .summary = "print all that is known, then every change",
    .description = "Prints every session and connection that is known, then every change as it\n"
                   "happens, a line each, until it is interrupted. With --json, an empty object\n"
                   "stands between the two.",
    .options = (const struct option_entry[]){{0}},
    .run = watch,
};
