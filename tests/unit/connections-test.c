/* SPDX-License-Identifier: MIT */

/* The connections in memory. The store is a pretended one, which only notes what it was told. */

#include "tests/unit/unit.h"

#include "daemon/connections.h"

#include <stdlib.h>

#define T ((int64_t)1800000000 * 1000000)

/* ---- The store, and those who are told ------------------------------------------------------ */

static char notes[1024]; /* what happened, in its order */

static void note(const char *what, const char *id)
{
    size_t used = strlen(notes);

    snprintf(notes + used, sizeof(notes) - used, "%s%s %s", used > 0 ? ", " : "", what, id);
}

int store_save_connection(struct store *store, const struct api_connection *connection)
{
    note("save", connection->connection_id);
    return -EIO; /* what the store cannot keep is known all the same */
}

int store_delete_connection(struct store *store, const char *connection_id)
{
    note("erase", connection_id);
    return -EIO;
}

int store_replace_connections(struct store *store, const char *profile_or_null,
    const char *workspace_id, const struct api_connections *connections)
{
    note("replace", workspace_id);
    return -EIO;
}

void store_miss(struct store *store)
{
    note("miss", "something");
}

/* Fails after so many of them, once; never while negative. */
static int copies_left = -1;

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = copies_left-- == 0 ? NULL : malloc(size);

    return copy ? memcpy(copy, text, size) : NULL;
}

static void on_known(const struct api_connection *connection, void *userdata)
{
    note("known", connection->connection_id);
}

static void on_deleted(const char *connection_id, void *userdata)
{
    note("deleted", connection_id);
}

static void on_unreadable(const char *problem, void *userdata)
{
    note("unreadable", problem);
}

/* Compares and forgets. */
static void assert_notes(const char *wanted)
{
    assert_string_equal(notes, wanted);
    notes[0] = '\0';
}

/* ---- Helpers -------------------------------------------------------------------------------- */

static int set_up(void **state)
{
    static const struct connections_handlers handlers = {on_known, on_deleted, on_unreadable};

    notes[0] = '\0';
    return connections_new(NULL, &handlers, NULL, (struct connections **)state);
}

static int tear_down(void **state)
{
    connections_free(*state);
    return 0;
}

static struct api_connection make(
    const char *id, const char *type, const char *workspace_id, int64_t updated_at)
{
    return (struct api_connection){
        .connection_id = strdup(id),
        .integration_type = strdup(type),
        .workspace_id = workspace_id ? strdup(workspace_id) : NULL,
        .expires_at_usec = -1,
        .created_at_usec = -1,
        .updated_at_usec = updated_at,
    };
}

static void put(struct connections *connections, const char *id, const char *type,
    const char *workspace_id, int64_t updated_at)
{
    struct api_connection connection = make(id, type, workspace_id, updated_at);

    assert_int_equal(connections_put(connections, &connection), 0);
    assert_null(connection.connection_id); /* it was taken over */
    notes[0] = '\0';
}

static const char *found(
    const struct connections *connections, const char *type, const char *workspace_id)
{
    const struct api_connection *connection =
        connections_find(connections, NULL, type, workspace_id);

    return connection ? connection->connection_id : "nothing";
}

static void replace(struct connections *connections, const char *workspace_id,
    struct api_connection *items, size_t n)
{
    struct api_connections listed = {.items = calloc(n + 1, sizeof(*items)), .n = n};

    assert_non_null(listed.items);
    for (size_t i = 0; i < n; i++)
        listed.items[i] = items[i];
    assert_int_equal(connections_replace(
                         connections, NULL, workspace_id, connections_moment(connections), &listed),
        0);
}

/* A list of one connection and of entries that could not be read: one with its ID, or not. */
static void replace_partly(struct connections *connections, const char *unreadable)
{
    struct api_connections listed = {
        .items = calloc(1, sizeof(*listed.items)),
        .n = 1,
        .unreadable = calloc(1, sizeof(char *)),
        .n_unreadable = unreadable ? 1 : 0,
        .n_nameless = unreadable ? 0 : 1,
        .problem = {.class = API_ERROR_INVALID_REPLY,
            .message = strdup("nonsense"),
            .request_id = "r-1"},
    };

    assert_non_null(listed.items);
    assert_non_null(listed.unreadable);
    listed.items[0] = make("c-1", "gmail", "ws", T);
    if (unreadable)
        listed.unreadable[0] = strdup(unreadable);
    assert_int_equal(
        connections_replace(connections, NULL, "ws", connections_moment(connections), &listed), 0);
}

/* ---- The tests ------------------------------------------------------------------------------ */

static void test_unreadable_entries(void **state)
{
    static const char problem[] =
        "1 of the connections that Airstore lists for the workspace ws cannot be read, so what was "
        "known of them before stays: nonsense; request ID r-1";
    struct connections *connections = *state;
    struct api_connection one[] = {make("c-1", "gmail", "ws", T)};
    char expected[512];

    put(connections, "c-1", "gmail", "ws", T);
    put(connections, "c-2", "github", "ws", T);
    put(connections, "c-3", "slack", "ws", T);
    assert_null(connections_problem(connections));

    replace_partly(connections, NULL);
    assert_int_equal(connections_count(connections), 3);
    assert_string_equal(connections_problem(connections), problem);
    snprintf(expected, sizeof(expected), "unreadable %s", problem);
    assert_notes(expected);

    replace_partly(connections, "c-2");
    assert_string_equal(found(connections, "github", "ws"), "c-2");
    assert_string_equal(found(connections, "slack", "ws"), "nothing");
    assert_notes("replace ws, deleted c-3"); /* said once */

    replace(connections, "elsewhere", NULL, 0);
    assert_non_null(connections_problem(connections));
    replace(connections, "ws", one, 1);
    assert_null(connections_problem(connections));
    assert_string_equal(found(connections, "github", "ws"), "nothing");
}

static void test_put(void **state)
{
    struct connections *connections = *state;
    struct api_connection connection = make("c1", "gmail", "ws_1", T);

    assert_string_equal(found(connections, "gmail", NULL), "nothing");
    assert_int_equal(connections_put(connections, &connection), 0);
    assert_notes("save c1, known c1");
    assert_string_equal(found(connections, "gmail", NULL), "c1");
    assert_string_equal(found(connections, "gmail", "ws_1"), "c1");
    assert_string_equal(found(connections, "gmail", "ws_2"), "nothing");
    assert_string_equal(found(connections, "slack", NULL), "nothing");
    assert_non_null(connections_find_id(connections, "c1"));
    assert_null(connections_find_id(connections, "c2"));
    assert_int_equal(connections_count(connections), 1);
}

static void test_newest_goes_first(void **state)
{
    struct connections *connections = *state;

    put(connections, "c1", "gmail", "ws_1", T + 2);
    put(connections, "c2", "gmail", "ws_2", T + 3);
    put(connections, "c3", "gmail", "ws_3", T + 1);
    assert_string_equal(found(connections, "gmail", NULL), "c2");
    put(connections, "c1", "gmail", "ws_1", T + 4); /* connected again */
    assert_string_equal(found(connections, "gmail", NULL), "c1");
    assert_string_equal(found(connections, "gmail", "ws_3"), "c3");
    assert_int_equal(connections_count(connections), 3);
}

static void test_remove(void **state)
{
    struct connections *connections = *state;

    put(connections, "c1", "gmail", "ws_1", T);
    put(connections, "c2", "gmail", "ws_2", T + 1);
    assert_int_equal(connections_remove(connections, "c2"), 0);
    assert_notes("erase c2, deleted c2");
    assert_string_equal(found(connections, "gmail", NULL), "c1"); /* the next best */
    assert_string_equal(found(connections, "gmail", "ws_2"), "nothing");
    assert_int_equal(connections_remove(connections, "c2"), 0);
    assert_notes("erase c2"); /* of the store, in case it is there; nobody hears of it */
    assert_int_equal(connections_remove(connections, "c1"), 0);
    assert_int_equal(connections_count(connections), 0);
    assert_string_equal(found(connections, "gmail", NULL), "nothing");
}

/* What was taken from a list before memory ran out is stored and told; the rest comes with the next
 * list. */
static void test_list_without_memory(void **state)
{
    struct connections *connections = *state;
    bool succeeded = false;

    for (int left = 0; !succeeded; left++) {
        struct api_connections listed = {.items = calloc(1, sizeof(struct api_connection)), .n = 1};

        put(connections, "c1", "gmail", "ws_1", T);
        (void)connections_remove(connections, "c2");
        notes[0] = '\0';
        assert_non_null(listed.items);
        listed.items[0] = make("c2", "slack", "elsewhere", T);
        copies_left = left;
        succeeded = connections_replace(
                        connections, NULL, "ws_1", connections_moment(connections), &listed) >= 0;
        copies_left = -1;
        bool gone = connections_find_id(connections, "c1") == NULL;
        bool come = connections_find_id(connections, "c2") != NULL;
        assert_true(gone == (strstr(notes, "deleted c1") != NULL));
        assert_true(come == (strstr(notes, "known c2") != NULL));
        assert_true((gone || come) == (strstr(notes, "replace ws_1") != NULL));
    }
}

static void test_replace(void **state)
{
    struct connections *connections = *state;

    put(connections, "c1", "gmail", "ws_1", T);
    put(connections, "c2", "slack", "ws_1", T);
    put(connections, "c3", "slack", "ws_2", T);
    put(connections, "c4", "linear", NULL, T); /* of a workspace that is not known */
    replace(connections, "ws_1",
        (struct api_connection[]){
            make("c2", "slack", "ws_1", T + 1), make("c5", "notion", "ws_1", T + 1)},
        2);
    assert_notes("replace ws_1, deleted c1, known c2, known c5");
    assert_int_equal(connections_count(connections), 4);
    assert_string_equal(found(connections, "gmail", NULL), "nothing");
    assert_string_equal(found(connections, "slack", NULL), "c2");
    assert_string_equal(found(connections, "linear", NULL), "c4");
    assert_int_equal(connections_find_id(connections, "c2")->updated_at_usec, T + 1);

    replace(connections, "ws_1", NULL, 0);
    assert_int_equal(connections_count(connections), 2);
    assert_string_equal(found(connections, "slack", NULL), "c3");
}

/* An ID under which something else is known: it has moved. */
static void test_moves(void **state)
{
    struct connections *connections = *state;

    put(connections, "c1", "gmail", NULL, T);
    put(connections, "c1", "gmail", "ws_1", T); /* its workspace was learned */
    assert_string_equal(found(connections, "gmail", "ws_1"), "c1");
    put(connections, "c1", "slack", "ws_2", T);
    assert_string_equal(found(connections, "gmail", NULL), "nothing");
    assert_string_equal(found(connections, "gmail", "ws_1"), "nothing");
    assert_string_equal(found(connections, "slack", "ws_2"), "c1");
    assert_int_equal(connections_count(connections), 1);
}

static void test_learn_and_tell(void **state)
{
    struct connections *connections = *state;
    struct api_connection connection = make("c1", "gmail", "ws_1", T);

    assert_int_equal(connections_learn(connections, &connection), 0);
    assert_notes("");
    connections_tell(connections, "c1");
    connections_tell(connections, "c2");
    assert_notes("known c1");
    connections_save_all(connections);
    assert_notes("save c1");
}

static void test_only_workspace(void **state)
{
    struct connections *connections = *state;

    assert_null(connections_only_workspace(connections, NULL));
    put(connections, "c0", "linear", NULL, T);
    assert_null(connections_only_workspace(connections, NULL));
    put(connections, "c1", "gmail", "ws_1", T);
    put(connections, "c2", "slack", "ws_1", T);
    assert_string_equal(connections_only_workspace(connections, NULL), "ws_1");
    put(connections, "c3", "gmail", "ws_2", T);
    assert_null(connections_only_workspace(connections, NULL));
}

static void put_for(struct connections *connections, const char *profile, const char *id,
    const char *workspace_id, int64_t updated_at)
{
    struct api_connection connection = make(id, "gmail", workspace_id, updated_at);

    assert_int_equal(string_replace(&connection.profile, profile), 0);
    assert_int_equal(connections_put(connections, &connection), 0);
    notes[0] = '\0';
}

static const char *found_for(
    const struct connections *connections, const char *profile, const char *workspace_id)
{
    const struct api_connection *connection =
        connections_find(connections, profile, "gmail", workspace_id);

    return connection ? connection->connection_id : "nothing";
}

/* A list takes its time: what has come or gone here meanwhile is newer than it. */
static void test_slow_list(void **state)
{
    struct connections *connections = *state;
    struct api_connections listed = {.items = calloc(2, sizeof(struct api_connection)), .n = 2};

    put(connections, "old", "gmail", "ws_1", T);
    put(connections, "gone", "slack", "ws_1", T);
    uint64_t moment = connections_moment(connections);
    put(connections, "new", "notion", "ws_1", T + 1);
    assert_int_equal(connections_remove(connections, "gone"), 0);
    notes[0] = '\0';

    assert_non_null(listed.items);
    listed.items[0] =
        make("old", "gmail", "77", T); /* a server that writes workspaces its own way */
    listed.items[1] = make("gone", "slack", "77", T);
    assert_int_equal(connections_replace(connections, NULL, "ws_1", moment, &listed), 0);
    assert_notes(""); /* nothing new */
    assert_string_equal(found(connections, "gmail", "ws_1"), "old");
    assert_string_equal(found(connections, "notion", "ws_1"), "new");
    assert_string_equal(found(connections, "slack", NULL), "nothing");

    /* Nor does a store that lags behind bring back what was deleted. */
    struct api_connection *stored = malloc(sizeof(*stored));
    assert_non_null(stored);
    *stored = make("gone", "slack", "ws_1", T);
    assert_int_equal(connections_restore(connections, stored), 0);
    assert_string_equal(found(connections, "slack", NULL), "nothing");
}

/* With a key of one workspace nobody names it, until somebody does. */
static void test_nameless_workspace(void **state)
{
    struct connections *connections = *state;

    put(connections, "c1", "gmail", NULL, T);
    assert_string_equal(found(connections, "gmail", NULL), "c1");
    assert_string_equal(found(connections, "gmail", "ws_1"), "nothing");
    assert_string_equal(connections_find_nameless(connections, NULL, "gmail")->connection_id, "c1");
    assert_null(connections_find_nameless(connections, "work", "gmail"));
    assert_null(connections_find_nameless(connections, NULL, "slack"));
    put(connections, "c2", "gmail", "ws_2", T + 1);
    assert_null(connections_find_nameless(connections, NULL, "gmail"));
    assert_string_equal(found(connections, "gmail", "ws_1"), "nothing");
    assert_string_equal(found(connections, "gmail", "ws_2"), "c2");
}

static void test_profiles(void **state)
{
    struct connections *connections = *state;
    struct api_connections listed = {.items = calloc(1, sizeof(struct api_connection)), .n = 1};

    put_for(connections, NULL, "c1", "ws_1", T);
    put_for(connections, "work", "c2", "ws_1", T + 1);
    put_for(connections, "work", "c3", "ws_2", T + 2);
    assert_string_equal(found_for(connections, NULL, NULL), "c1");
    assert_string_equal(found_for(connections, NULL, "ws_2"), "nothing");
    assert_string_equal(found_for(connections, "work", NULL), "c3");
    assert_string_equal(found_for(connections, "work", "ws_1"), "c2");
    assert_string_equal(found_for(connections, "home", NULL), "nothing");
    assert_string_equal(connections_only_workspace(connections, NULL), "ws_1");
    assert_null(connections_only_workspace(connections, "work"));

    /* A workspace that looks like the place of another profile. */
    put_for(connections, NULL, "c4", "ws_3@work", T + 3);
    assert_string_equal(found_for(connections, "work", "ws_3"), "nothing");
    assert_string_equal(found_for(connections, NULL, "ws_3@work"), "c4");

    /* What is listed for one profile is not the other's. */
    assert_non_null(listed.items);
    listed.items[0] = make("c5", "gmail", "ws_1", T + 4);
    assert_int_equal(
        connections_replace(connections, "work", "ws_1", connections_moment(connections), &listed),
        0);
    assert_notes("replace ws_1, deleted c2, known c5");
    assert_string_equal(found_for(connections, "work", "ws_1"), "c5");
    assert_string_equal(found_for(connections, NULL, "ws_1"), "c1");
    assert_string_equal(connections_find_id(connections, "c5")->profile, "work");

    put_for(connections, NULL, "c5", "ws_1", T + 5); /* has moved */
    assert_string_equal(found_for(connections, "work", "ws_1"), "nothing");
    assert_string_equal(found_for(connections, NULL, "ws_1"), "c5");
}

/* Random ones, against the plainest way to do it. */
static void test_random(void **state)
{
    static const char *const types[] = {"gmail", "slack", "linear"};
    static const char *const workspaces[] = {"ws_1", "ws_2", "ws_3"};
    struct {
        int type, workspace;
        int64_t updated_at;
        bool there;
    } model[24] = {0};
    struct connections *connections = *state;
    unsigned seed = 1;

    for (int64_t step = 1; step <= 20000; step++) {
        int i = rand_r(&seed) % (int)ARRAY_SIZE(model), type = rand_r(&seed) % 3,
            workspace = rand_r(&seed) % 3;
        char id[16];
        snprintf(id, sizeof(id), "c%d", i);
        if (rand_r(&seed) % 3 == 0) {
            assert_int_equal(connections_remove(connections, id), 0);
            model[i].there = false;
        } else {
            put(connections, id, types[type], workspaces[workspace], T + step);
            model[i].type = type;
            model[i].workspace = workspace;
            model[i].updated_at = step;
            model[i].there = true;
        }
        notes[0] = '\0';

        int any = -1, here = -1;
        for (int k = 0; k < (int)ARRAY_SIZE(model); k++) {
            if (!model[k].there || model[k].type != type)
                continue;
            if (any < 0 || model[k].updated_at > model[any].updated_at)
                any = k;
            if (model[k].workspace == workspace &&
                (here < 0 || model[k].updated_at > model[here].updated_at))
                here = k;
        }
        snprintf(id, sizeof(id), "c%d", any);
        assert_string_equal(found(connections, types[type], NULL), any < 0 ? "nothing" : id);
        snprintf(id, sizeof(id), "c%d", here);
        assert_string_equal(
            found(connections, types[type], workspaces[workspace]), here < 0 ? "nothing" : id);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_put),
        TEST(test_newest_goes_first),
        TEST(test_remove),
        TEST(test_list_without_memory),
        TEST(test_replace),
        TEST(test_unreadable_entries),
        TEST(test_moves),
        TEST(test_learn_and_tell),
        TEST(test_only_workspace),
        TEST(test_slow_list),
        TEST(test_nameless_workspace),
        TEST(test_profiles),
        TEST(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
