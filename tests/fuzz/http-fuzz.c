/* SPDX-License-Identifier: MIT */

/*
 * All bytes that a server can send, through curl and the daemon's own loop: a reply is handed out
 * exactly once, is no larger than allowed and sound, and nothing makes us connect to anywhere else.
 * The first byte says how many requests are made at a time.
 */

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/replies.h"

#include "daemon/net/http.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define PORT 9
#define SOCKETS_MAX 16

static struct fuzz_input server_says;
static int servers[SOCKETS_MAX];
static unsigned n_servers, n_replies;

/* A server that has said everything before it is asked. */
static curl_socket_t open_socket(void *userdata, curlsocktype purpose, struct curl_sockaddr *to)
{
    const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)&to->addr;
    int pair[2];

    HOLDS(to->family == AF_INET && address->sin_port == htons(PORT));
    HOLDS(address->sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    HOLDS(n_servers < SOCKETS_MAX);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        abort();
    (void)send(pair[1], server_says.at, server_says.left, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)shutdown(pair[1], SHUT_WR);
    servers[n_servers++] = pair[1];
    return pair[0];
}

/* In the place of libc's: curl connects a socket that is. */
__attribute__((visibility("default"))) int connect(
    int fd, const struct sockaddr *address, socklen_t size)
{
    return 0;
}

CURL *__real_curl_easy_init(void);
CURL *__wrap_curl_easy_init(void);
CURL *__wrap_curl_easy_init(void)
{
    CURL *easy = __real_curl_easy_init();

    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    return easy;
}

static void on_reply(const struct api_reply *reply, void *userdata)
{
    struct http_request **request = userdata;

    if (getenv("FUZZ_VERBOSE"))
        fprintf(stderr, "reply: transport %d (%s), status %d, %zu bytes\n", reply->transport,
            reply->transport_text, reply->status, reply->body.size);
    HOLDS(*request);
    *request = NULL;
    n_replies++;
    HOLDS(reply->body.size <= API_BODY_MAX);
    HOLDS(reply->headers_size <= API_HEADERS_MAX);
    HOLDS(reply->transport != API_ERROR_NONE || (reply->status > 0 && reply->status <= 999));
    HOLDS(strnlen(reply->transport_text, sizeof(reply->transport_text)) <
          sizeof(reply->transport_text));
    HOLDS(!strstr(reply->transport_text, FUZZ_SECRET));
    reply_is_sound(reply);
}

/* What a server was asked is what we asked for, whatever it said. */
static void hang_up(int fd)
{
    char asked[2048] = "";
    ssize_t n = recv(fd, asked, sizeof(asked) - 1, MSG_DONTWAIT);

    if (n > 0)
        HOLDS(strncmp(asked, "GET /v1/oauth/sessions/sess HTTP/", 33) == 0);
    close(fd);
}

static void ask(sd_event *event, unsigned n)
{
    const struct http_options options = {.api_key = FUZZ_SECRET, .timeout_usec = 60 * 1000000};
    struct http_request *requests[2] = {0};
    struct http *http;

    HOLDS(http_new(event, &http) == 0);
    for (unsigned i = 0; i < n; i++) {
        struct api_request request;
        HOLDS(api_request_get_session("http://127.0.0.1:9/v1", "sess", &request) == 0);
        HOLDS(http_send(http, &request, &options, on_reply, &requests[i], &requests[i]) == 0);
    }
    for (unsigned i = 0; i < 1000 && n_replies < n; i++)
        HOLDS(sd_event_run(event, 1000000) >= 0);
    HOLDS(n_replies == n);
    http_free(http);
    HOLDS(n_replies == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool initialised;
    sd_event *event = NULL;

    if (fuzz_knows_secret(data, size))
        return 0;
    if (!initialised && curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        abort();
    initialised = true;
    n_servers = n_replies = 0;
    server_says = (struct fuzz_input){data, size};
    unsigned n = 1 + fuzz_byte(&server_says) % 2;

    HOLDS(sd_event_new(&event) >= 0);
    ask(event, n);
    sd_event_unref(event);
    for (unsigned i = 0; i < n_servers; i++)
        hang_up(servers[i]);
    return 0;
}
