/* SPDX-License-Identifier: MIT */

/*
 * Any bytes as the database itself. The daemon starts with it all the same: it reads what makes
 * sense or begins a file anew, and what it is given then is there after the next start; unless the
 * file is a newer version's, cannot be written, or turns out to be damaged only then, which is
 * said.
 */

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rows.h"

#include "daemon/store/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#define ID "conn_of_ours"

struct reading {
    bool seen, behind;
};

static void on_session(struct session *session, void *userdata)
{
    stored_session_is_sound(session);
    session_free(session);
}

static void on_connection(struct api_connection *connection, void *userdata)
{
    struct reading *reading = userdata;

    stored_connection_is_sound(connection);
    reading->seen |= streq(connection->connection_id, ID);
    api_connection_clear(connection);
    free(connection);
}

static void on_save_all(void *userdata) {}

static void on_behind(void *userdata)
{
    struct reading *reading = userdata;

    reading->behind = true;
}

static const struct store_handlers handlers = {
    .session = on_session,
    .connection = on_connection,
    .save_all = on_save_all,
    .behind = on_behind,
};

/* The file, its journals, and what was moved aside. */
static void remove_files(void)
{
    DIR *directory = opendir(fuzz_directory());
    const struct dirent *entry;

    if (!directory)
        abort();
    while ((entry = readdir(directory))) {
        if (strncmp(entry->d_name, "oauthd.db", strlen("oauthd.db")) == 0)
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    }
    closedir(directory);
}

static void is_there_again(void)
{
    struct reading reading = {0};
    struct store *store;

    HOLDS(store_open(fuzz_directory(), &handlers, &reading, &store) == 0);
    (void)store_load(store);
    HOLDS(reading.seen || (store_was_damaged(store) && store_problem(store)));
    store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct api_connection connection = {
        .connection_id = (char *)(uintptr_t)ID,
        .integration_type = (char *)(uintptr_t) "gmail",
        .expires_at_usec = -1,
        .created_at_usec = -1,
        .updated_at_usec = -1,
    };
    struct reading reading = {0};
    struct store *store;

    if (fuzz_knows_secret(data, size))
        return 0;
    remove_files();
    free(fuzz_file("oauthd.db", data, size));
    int r = store_open(fuzz_directory(), &handlers, &reading, &store);
    HOLDS(r == 0 || r == -EPROTONOSUPPORT);
    if (r < 0)
        return 0;
    r = store_load(store);
    if (r >= 0 || !reading.behind) {
        r = store_save_connection(store, &connection);
        if (r < 0)
            HOLDS(reading.behind && store_problem(store));
    }
    store_free(store);
    if (r >= 0)
        is_there_again();
    return 0;
}
