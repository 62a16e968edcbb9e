/* SPDX-License-Identifier: MIT */

/*
 * Connects an account to an Airstore workspace with libairstore alone: prints the URL to open,
 * waits until the person has approved, prints the ID of the connection.
 *
 *     AIRSTORE_API_KEY=… connect gmail [WORKSPACE]
 *
 * Build it by: cc connect.c $(pkg-config --cflags --libs libairstore)
 */

#include <airstore.h>

#include <stdio.h>

static int fail(airstore_error *error)
{
    fprintf(stderr, "connect: %s\n", airstore_error_get_message(error));
    if (airstore_error_get_request_id(error))
        fprintf(stderr, "connect: the request was %s\n", airstore_error_get_request_id(error));
    airstore_error_free(error);
    return 1;
}

static int connect_account(airstore_client *client, const char *integration, const char *workspace)
{
    airstore_session *session, *complete;
    airstore_error *error;

    if (airstore_create_session(client, integration, workspace, NULL, &session, &error) < 0)
        return fail(error);
    printf("Open this in a browser: %s\n", session->authorize_url);
    fflush(stdout);

    int r = airstore_poll(client, session->session_id, AIRSTORE_POLL_TIMEOUT_MS,
        AIRSTORE_POLL_INTERVAL_MS, &complete, &error);
    airstore_session_free(session);
    if (r < 0)
        return fail(error);
    printf("%s\n", complete->connection_id);
    airstore_session_free(complete);
    return 0;
}

int main(int argc, char *argv[])
{
    airstore_client *client;
    airstore_error *error;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "Usage: connect INTEGRATION [WORKSPACE]\n");
        return 2;
    }
    if (airstore_client_new(&client, &error) < 0)
        return fail(error);
    int status = connect_account(client, argv[1], argv[2]);
    airstore_client_free(client);
    return status;
}
