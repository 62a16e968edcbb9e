/* SPDX-License-Identifier: MIT */

/*
 * The method that tells of everything: Watch. First comes what is known, at the pace of the reader:
 * however much it is, no more of it than fits waits to be sent. All that is kept of a watcher
 * meanwhile is how far it has come, for things are told of in the order of their positions, which
 * are as good as random but never change; and which of those things have changed since. They are
 * told of again, as they are then, before it goes on; of the others the reader hears when it comes
 * to them. So nothing is lost, and nothing comes before what it followed. The row of all
 * connections in that order is made once for all watchers, and again when one has come or gone.
 */

#include "daemon/list.h"
#include "daemon/service-methods.h"
#include "lib/base/hash.h"
#include "lib/base/table.h"

#include <errno.h>
#include <stdio.h>

/* At most so many things are told of in a turn: others have theirs, too. */
#define STEP_MAX 256U
/* So many of the things that were told of may have changed before the reader has heard of it. */
#define CHANGES_MAX 8192

enum phase {
    PHASE_CONNECTIONS,
    PHASE_SESSIONS,
    PHASE_NEWS,
};

struct watcher {
    struct watcher *previous, *next;
    struct service *service;
    struct varlink_call *call;
    enum phase phase;
    uint64_t position; /* of this phase's things, those before it have been told of */
    /* The ones that have changed since, in the order of that: "c" and the ID of a connection, "s"
     * and that of a session. NULL while there are none. */
    struct lh_table *changes;
};

struct thing {
    uint64_t position;
    const void *known; /* a connection or a session, borrowed */
};

/* Things in the order of their positions. */
struct row {
    struct thing *things;
    size_t n, size;
    uint64_t generation; /* of connections_generation() */
};

static void row_clear(struct row *row)
{
    free(row->things);
    *row = (struct row){0};
}

/* The row of the connections goes when nobody is told of them. */
static void drop_row(struct service *service)
{
    LIST_FOREACH (watcher, service->watchers) {
        if (watcher->phase == PHASE_CONNECTIONS)
            return;
    }
    if (service->row)
        row_clear(service->row);
    free(service->row);
    service->row = NULL;
}

static void watcher_drop(struct watcher *watcher)
{
    struct varlink_call *call = watcher->call;

    LIST_REMOVE(watcher->service->watchers, watcher);
    drop_row(watcher->service);
    table_free(watcher->changes);
    free(watcher);
    varlink_call_abandon(call);
}

static void on_watch_hangup(struct varlink_call *call, void *userdata)
{
    watcher_drop(userdata);
}

/* Telling of one thing */

/* {"session": …}. On failure nothing is in the buffer. */
static int session_text(struct buffer *text, const struct session *session, bool with_url)
{
    _cleanup_json_ struct json_object *object =
        wire_object("session", wire_session(session, with_url));

    return object ? json_append(text, object) : -ENOMEM;
}

static void send_session(struct watcher *watcher, const struct session *session)
{
    _cleanup_buffer_ struct buffer text = {0};

    if (session_text(&text, session, !varlink_call_restricted(watcher->call)) >= 0)
        varlink_call_reply_more_text(watcher->call, &text);
}

static void send_connection(struct watcher *watcher, const struct api_connection *connection)
{
    _cleanup_buffer_ struct buffer text = {0};

    if (wire_connection_alone(&text, connection) >= 0)
        varlink_call_reply_more_text(watcher->call, &text);
}

static void send_deleted(struct watcher *watcher, const char *connection_id)
{
    struct json_object *parameters =
        wire_object("deleted_connection_id", json_object_new_string(connection_id));

    if (parameters)
        varlink_call_reply_more(watcher->call, parameters);
}

/* What has changed meanwhile */

static bool has_changes(const struct watcher *watcher)
{
    return watcher->changes && lh_table_length(watcher->changes) > 0;
}

/* The latest change of a thing is what counts, and its turn. */
static void add_change(struct watcher *watcher, char kind, const char *id)
{
    char *key;

    if (!watcher->changes)
        watcher->changes = lh_kchar_table_new(64, table_free_key);
    if (!watcher->changes || lh_table_length(watcher->changes) >= CHANGES_MAX ||
        asprintf(&key, "%c%s", kind, id) < 0) {
        watcher_drop(watcher);
        return;
    }
    (void)lh_table_delete(watcher->changes, key);
    if (lh_table_insert(watcher->changes, key, NULL) < 0) {
        free(key);
        watcher_drop(watcher);
    }
}

static void tell_change(struct watcher *watcher, const char *key)
{
    const struct service *service = watcher->service;
    const char *id = key + 1;

    if (*key == 's') {
        const struct session *session = sessions_find(service->sessions, id);
        if (session) /* else it was so old that it has been forgotten */
            send_session(watcher, session);
        return;
    }
    const struct api_connection *connection = connections_find_id(service->connections, id);
    if (connection)
        send_connection(watcher, connection);
    else
        send_deleted(watcher, id);
}

static void tell_changes(struct watcher *watcher)
{
    while (has_changes(watcher) && varlink_call_has_room(watcher->call)) {
        struct lh_entry *entry = lh_table_head(watcher->changes);
        tell_change(watcher, lh_entry_k(entry));
        lh_table_delete_entry(watcher->changes, entry);
    }
}

/* What is known */

/* With a finish that spreads the last letters over all bits. */
static uint64_t position_of(const char *id)
{
    uint64_t hash = hash_text(0, id);

    hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15U;
    return hash ^ hash >> 29;
}

static int add_thing(struct row *row, const char *id, const void *known)
{
    if (row->n == row->size) {
        size_t size = row->size > 0 ? 2 * row->size : 256;
        struct thing *more = reallocarray(row->things, size, sizeof(*more));
        if (!more)
            return -ENOMEM;
        row->things = more;
        row->size = size;
    }
    row->things[row->n++] = (struct thing){position_of(id), known};
    return 0;
}

static int add_connection(const struct api_connection *connection, void *userdata)
{
    return add_thing(userdata, connection->connection_id, connection);
}

static int add_session(const struct session *session, void *userdata)
{
    return add_thing(userdata, session->session_id, session);
}

static int compare_things(const void *a, const void *b)
{
    const struct thing *first = a, *second = b;

    return (first->position > second->position) - (first->position < second->position);
}

static void sort(struct row *row)
{
    if (row->n > 0)
        qsort(row->things, row->n, sizeof(*row->things), compare_things);
}

static int line_up_connections(struct service *service)
{
    uint64_t generation = connections_generation(service->connections);

    if (service->row && service->row->generation == generation)
        return 0;
    if (!service->row)
        service->row = calloc(1, sizeof(*service->row));
    if (!service->row)
        return -ENOMEM;
    row_clear(service->row);
    int r = connections_each(service->connections, add_connection, service->row);
    if (r < 0) {
        row_clear(service->row);
        return r;
    }
    sort(service->row);
    service->row->generation = generation;
    return 0;
}

/* The first that comes at this position or behind it. */
static size_t find_place(const struct row *row, uint64_t position)
{
    size_t from = 0, to = row->n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (row->things[middle].position < position)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void tell_thing(struct watcher *watcher, const struct thing *thing)
{
    if (watcher->phase == PHASE_CONNECTIONS)
        send_connection(watcher, thing->known);
    else
        send_session(watcher, thing->known);
}

static void next_phase(struct watcher *watcher)
{
    watcher->phase++;
    watcher->position = 0;
    drop_row(watcher->service);
    if (watcher->phase != PHASE_NEWS)
        return;
    varlink_call_on_room(watcher->call, NULL, NULL);
    varlink_call_reply_more(watcher->call, NULL); /* from here on, it is news */
}

/* Tells of as many as there is room for. */
static void tell_row(struct watcher *watcher, const struct row *row)
{
    size_t first = find_place(row, watcher->position);

    for (size_t i = first; i < row->n; i++) {
        const struct thing *thing = &row->things[i];
        bool enough = i - first >= STEP_MAX || !varlink_call_has_room(watcher->call);
        if (enough && thing->position != watcher->position) {
            watcher->position = thing->position;
            return;
        }
        tell_thing(watcher, thing);
        watcher->position = thing->position;
    }
    next_phase(watcher);
}

static void on_room(struct varlink_call *call, void *userdata)
{
    struct watcher *watcher = userdata;
    struct service *service = watcher->service;
    struct row sessions = {0};
    int r;

    tell_changes(watcher);
    if (!varlink_call_has_room(call))
        return;
    if (watcher->phase == PHASE_CONNECTIONS) {
        r = line_up_connections(service);
        if (r >= 0)
            tell_row(watcher, service->row);
    } else {
        r = sessions_each(service->sessions, add_session, &sessions);
        sort(&sessions);
        if (r >= 0)
            tell_row(watcher, &sessions);
        row_clear(&sessions);
    }
    if (r < 0)
        watcher_drop(watcher);
}

static void watch(struct varlink_call *call, const void *parameters, void *userdata)
{
    struct service *service = userdata;
    struct watcher *watcher = calloc(1, sizeof(*watcher));

    if (!watcher) {
        varlink_call_abandon(call);
        return;
    }
    watcher->service = service;
    watcher->call = call;
    LIST_ADD(service->watchers, watcher);
    varlink_call_on_hangup(call, on_watch_hangup, watcher);
    varlink_call_on_room(call, on_room, watcher);
}

const struct varlink_method service_watch = {
    .name = "Watch",
    .more_only = true,
    .handle = watch,
};

/* What happens */

enum delivery {
    DELIVERY_NONE, /* the reader has not come to it yet */
    DELIVERY_LATER,
    DELIVERY_NOW,
};

static enum delivery delivery_of(const struct watcher *watcher, enum phase phase, const char *id)
{
    if (watcher->phase == PHASE_NEWS)
        return DELIVERY_NOW;
    if (watcher->phase < phase || (watcher->phase == phase && position_of(id) >= watcher->position))
        return DELIVERY_NONE;
    return has_changes(watcher) || !varlink_call_has_room(watcher->call) ? DELIVERY_LATER
                                                                         : DELIVERY_NOW;
}

void service_session_changed(struct service *service, const struct session *session)
{
    struct buffer texts[2] = {0}; /* for those who may not see the authorize URL, and who may */

    LIST_FOREACH_SAFE (watcher, service->watchers) {
        enum delivery delivery = delivery_of(watcher, PHASE_SESSIONS, session->session_id);
        bool with_url = !varlink_call_restricted(watcher->call);
        struct buffer *text = &texts[with_url];
        if (delivery == DELIVERY_NOW &&
            (text->size > 0 || session_text(text, session, with_url) >= 0))
            varlink_call_reply_more_text(watcher->call, text);
        else if (delivery == DELIVERY_LATER)
            add_change(watcher, 's', session->session_id);
    }
    buffer_clear(&texts[0]);
    buffer_clear(&texts[1]);
}

void service_connection_known(struct service *service, const struct api_connection *connection)
{
    _cleanup_buffer_ struct buffer text = {0};

    if (!service->watchers || wire_connection_alone(&text, connection) < 0)
        return;
    LIST_FOREACH_SAFE (watcher, service->watchers) {
        enum delivery delivery = delivery_of(watcher, PHASE_CONNECTIONS, connection->connection_id);
        if (delivery == DELIVERY_NOW)
            varlink_call_reply_more_text(watcher->call, &text);
        else if (delivery == DELIVERY_LATER)
            add_change(watcher, 'c', connection->connection_id);
    }
}

void service_connection_deleted(struct service *service, const char *connection_id)
{
    LIST_FOREACH_SAFE (watcher, service->watchers) {
        enum delivery delivery = delivery_of(watcher, PHASE_CONNECTIONS, connection_id);
        if (delivery == DELIVERY_NOW)
            send_deleted(watcher, connection_id);
        else if (delivery == DELIVERY_LATER)
            add_change(watcher, 'c', connection_id);
    }
}
