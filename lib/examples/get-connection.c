/* SPDX-License-Identifier: MIT */

/* Prints the ID of the Gmail connection.
 *
 * Build it by: cc get-connection.c $(pkg-config --cflags --libs libairstore-oauthd) */

#include <airstore-oauthd.h>
#include <stdio.h>

int main(void)
{
    struct airstore_oauthd *oauthd;
    struct airstore_oauthd_reply *reply;

    int r = airstore_oauthd_open(NULL, &oauthd);
    if (r >= 0)
        r = airstore_oauthd_get_connection(oauthd, "gmail", NULL, &reply, NULL);
    if (r < 0) {
        fprintf(stderr, "No Gmail connection: %s\n", airstore_oauthd_strerror(r));
        return 1;
    }
    puts(reply->connection->connection_id);
    airstore_oauthd_reply_free(reply);
    airstore_oauthd_close(oauthd);
    return 0;
}
