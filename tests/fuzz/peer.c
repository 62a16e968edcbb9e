/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/peer.h"

#include "tests/fuzz/fuzz.h"

#include "lib/base/json.h"

#include <sys/socket.h>

/* What is no call at all gets no reply: the peer is hung up on. */
static void count_call(struct peer *peer)
{
    _cleanup_json_ struct json_object *object = NULL;
    struct varlink_call_message call;

    if (json_parse(peer->out.data, peer->out.size, &object) < 0 ||
        varlink_call_parse(object, &call) < 0)
        return;
    peer->calls += !call.oneway;
    peer->more |= call.more;
    if (peer->on_call)
        peer->on_call(&call);
}

void peer_say(struct peer *peer, const void *bytes, size_t size)
{
    const char *said = bytes;
    ssize_t n =
        peer->fd >= 0 && size > 0 ? send(peer->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;

    for (ssize_t i = 0; i < n; i++) {
        if (said[i] != '\0') {
            HOLDS(buffer_append(&peer->out, said + i, 1) == 0);
        } else if (peer->out.size > 0) {
            count_call(peer);
            buffer_clear(&peer->out);
        }
    }
}

static void is_a_reply(struct peer *peer, const char *text, size_t size)
{
    _cleanup_json_ struct json_object *object = NULL;
    struct varlink_reply_message message;

    if (getenv("FUZZ_VERBOSE"))
        fprintf(stderr, "%d <- %s\n", peer->fd, text);
    HOLDS(json_parse(text, size, &object) == 0);
    HOLDS(varlink_reply_parse(object, &message) == 0);
    HOLDS(!strstr(text, FUZZ_SECRET));
    HOLDS(!message.continues || peer->more);
    if (!message.continues)
        peer->replies++;
    peer->on_reply(peer, text, &message);
}

void peer_listen(struct peer *peer)
{
    static char part[65536]; /* too large for the stack of a sanitizer */
    const char *end;
    ssize_t n;

    if (peer->fd < 0 || peer->deaf)
        return;
    while ((n = recv(peer->fd, part, sizeof(part), MSG_DONTWAIT)) > 0)
        HOLDS(buffer_append(&peer->in, part, (size_t)n) == 0);
    while (peer->in.size > 0 && (end = memchr(peer->in.data, '\0', peer->in.size))) {
        size_t length = (size_t)(end - peer->in.data);
        is_a_reply(peer, peer->in.data, length);
        buffer_consume(&peer->in, length + 1);
    }
    if (n == 0)
        peer_hang_up(peer);
}

void peer_hang_up(struct peer *peer)
{
    if (peer->fd >= 0)
        close(peer->fd);
    buffer_clear(&peer->in);
    buffer_clear(&peer->out);
    *peer = (struct peer){.fd = -1, .on_call = peer->on_call, .on_reply = peer->on_reply};
}

static bool has_left(sd_event *event)
{
    return sd_event_get_exit_code(event, &(int){0}) >= 0;
}

bool peers_settle(struct peer *peers, size_t n, sd_event *event)
{
    for (int i = 0, idle = 0; idle < 2 && !has_left(event); i++) {
        HOLDS(i < 20000);
        int r = sd_event_run(event, 0);
        HOLDS(r >= 0);
        bool moved = r > 0;
        for (size_t j = 0; j < n; j++) {
            unsigned before = peers[j].replies;
            peer_listen(&peers[j]);
            moved |= before != peers[j].replies;
        }
        idle = moved ? 0 : idle + 1;
    }
    return !has_left(event);
}
