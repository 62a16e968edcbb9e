/* SPDX-License-Identifier: MIT */

/*
 * Prints what the daemon knows and every change as it happens: the library on a loop that is not
 * its own, here sd-event. Any other loop does the same three things: it watches the descriptor for
 * these events, and then dispatches.
 *
 * Build it by: cc watch.c $(pkg-config --cflags --libs libairstore-oauthd libsystemd)
 */

#include <airstore-oauthd.h>

#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>

static void on_event(struct airstore_oauthd_call *call, const struct airstore_oauthd_reply *reply,
    const struct airstore_oauthd_error *error, void *userdata)
{
    sd_event *event = userdata;

    if (error)
        sd_event_exit(event, error->code);
    else if (reply->session)
        printf("session %s of %s\n", reply->session->session_id, reply->session->integration_type);
    else if (reply->connection)
        printf("connection %s to %s\n", reply->connection->connection_id,
            reply->connection->integration_type);
    else if (reply->deleted_connection_id)
        printf("deleted %s\n", reply->deleted_connection_id);
    else
        printf("changes follow\n");
    fflush(stdout);
}

static int on_ready(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    int r = airstore_oauthd_dispatch(userdata);

    return r < 0 ? sd_event_exit(sd_event_source_get_event(source), r) : 0;
}

static int watch(struct airstore_oauthd *oauthd, sd_event *event)
{
    int r = airstore_oauthd_watch_async(oauthd, on_event, event, NULL);

    if (r >= 0)
        r = sd_event_add_io(event, NULL, airstore_oauthd_get_fd(oauthd),
            (uint32_t)airstore_oauthd_get_events(oauthd), on_ready, oauthd);
    return r < 0 ? r : sd_event_loop(event);
}

int main(void)
{
    struct airstore_oauthd *oauthd = NULL;
    sd_event *event = NULL;

    int r = airstore_oauthd_open(NULL, &oauthd);
    if (r >= 0)
        r = sd_event_new(&event);
    if (r >= 0)
        r = watch(oauthd, event);
    if (r < 0)
        fprintf(stderr, "The watch has ended: %s\n", airstore_oauthd_strerror(r));
    sd_event_unref(event);
    airstore_oauthd_close(oauthd);
    return r < 0;
}
