/* SPDX-License-Identifier: MIT */

/*
 * Bytes of any program of this machine, or of a page in the browser, to the loopback listener. "$"
 * stands for its address, which the kernel chooses. Only a GET or HEAD with the right Host and
 * nonce is a visit, and nothing of a request is in an answer: there are only so many different
 * ones, whatever is asked.
 */

#include "tests/fuzz/fuzz.h"

#include "daemon/net/language.h"
#include "daemon/net/loopback.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define NONCE "0123456789abcdef0123456789abcdef"
/* Answers of one status, without their Date: two pages in each language, for GET and HEAD, on
 * connections that are kept, closed, or of HTTP/1.0. */
#define ANSWERS_MAX (2 * LANGUAGES * 2 * 3)
#define TURNS_MAX 200

static unsigned visits;

/* What a browser may choose by, at most: one of the pages that there are. */
static void on_visit(struct loopback_visit *visit, const char *nonce, void *userdata)
{
    const char *wanted = loopback_accept_language(visit);
    bool right = streq(nonce, NONCE), again = loopback_has_query(visit, "again");

    visits += right;
    loopback_answer(visit, &(struct loopback_answer){
                               .status = right ? 200 : 404,
                               .language = language_tag(language_choose(wanted)),
                               .policy = "default-src 'none'",
                               .html = !right  ? "who are you?"
                                       : again ? "welcome back"
                                               : "welcome",
                           });
}

static sd_event *event;
static struct loopback *loopback;

static void set_up(void)
{
    if (loopback)
        return;
    HOLDS(sd_event_new(&event) >= 0);
    HOLDS(loopback_new(event, on_visit, NULL, &loopback) == 0);
    HOLDS(loopback_listen(loopback, 0) == 0);
}

/* The daemon of libmicrohttpd that the listener has, for connections without ports: there are not
 * enough of those for thousands a second. */
static struct MHD_Daemon *daemon_of_listener;

const union MHD_DaemonInfo *__real_MHD_get_daemon_info(
    struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...);
const union MHD_DaemonInfo *__wrap_MHD_get_daemon_info(
    struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...);
const union MHD_DaemonInfo *__wrap_MHD_get_daemon_info(
    struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...)
{
    daemon_of_listener = daemon;
    return __real_MHD_get_daemon_info(daemon, type);
}

static int connected(void)
{
    const struct sockaddr_in peer = {
        .sin_family = AF_INET, .sin_port = 1, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int pair[2];

    HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    HOLDS(MHD_add_connection(daemon_of_listener, pair[1], (const struct sockaddr *)&peer,
              sizeof(peer)) == MHD_YES);
    return pair[0];
}

/* "$" becomes the address. */
static void make_request(struct fuzz_input input, struct buffer *request)
{
    while (input.left > 0) {
        struct fuzz_input part = fuzz_part(&input, '$');
        HOLDS(buffer_append(request, part.at, part.left) == 0);
        if (input.left > 0)
            HOLDS(buffer_append_string(request, loopback_address(loopback)) == 0);
    }
}

/* Sends it all and takes what comes, until the connection is closed or nothing happens any more. */
static void talk(int fd, const struct buffer *request, struct buffer *answers)
{
    char part[4096];
    int idle = 0;

    (void)send(fd, request->data, request->size, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(fd, SHUT_WR);
    for (int i = 0; i < TURNS_MAX && idle < 3; i++) {
        int r = sd_event_run(event, 0);
        HOLDS(r >= 0);
        ssize_t n = recv(fd, part, sizeof(part), MSG_DONTWAIT);
        if (n == 0)
            break;
        idle = r == 0 && n < 0 ? idle + 1 : 0;
        if (n > 0)
            HOLDS(buffer_append(answers, part, (size_t)n) == 0);
    }
}

/* One of few, and none of them grows with what was asked. */
static void is_known(const char *answer, size_t size, int status)
{
    static struct {
        int status;
        struct buffer text;
    } known[4 * ANSWERS_MAX];
    size_t of_status = 0, i;

    for (i = 0; i < ARRAY_SIZE(known) && known[i].status; i++) {
        if (known[i].status != status)
            continue;
        of_status++;
        if (known[i].text.size == size && memcmp(known[i].text.data, answer, size) == 0)
            return;
    }
    HOLDS(of_status < ANSWERS_MAX && i < ARRAY_SIZE(known));
    known[i].status = status;
    HOLDS(buffer_append(&known[i].text, answer, size) == 0);
}

/* The head of each answer, without the line of the time. */
static void are_sound(const struct buffer *answers)
{
    static const int statuses[] = {
        100, 200, 204, 400, 403, 404, 405, 408, 413, 414, 421, 431, 500, 501, 505};
    const char *at = answers->size > 0 ? answers->data : "";

    while (*at) {
        _cleanup_buffer_ struct buffer plain = {0};
        const char *end = strstr(at, "\r\n\r\n"), *next;
        int status = 0;
        bool listed = false;

        HOLDS(end && sscanf(at, "HTTP/1.%*1[01] %3d ", &status) == 1);
        for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
            listed |= statuses[i] == status;
        HOLDS(listed);
        next = strstr(end, "HTTP/1.");
        next = next ? next : answers->data + answers->size;
        const char *date = strstr(at, "Date: ");
        if (!date || date > end) /* an interim answer has none */
            date = at;
        HOLDS(buffer_append(&plain, at, (size_t)(date - at)) == 0);
        date = strstr(date, "\r\n");
        HOLDS(buffer_append(&plain, date, (size_t)(next - date)) == 0);
        is_known(plain.data, plain.size, status);
        at = next;
    }
}

static size_t count(const struct buffer *buffer, const char *text)
{
    size_t n = 0;
    const char *at = buffer->size > 0 ? buffer->data : "";

    for (; (at = memmem(at, buffer->size - (size_t)(at - buffer->data), text, strlen(text))); at++)
        n++;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_buffer_ struct buffer request = {0}, answers = {0};

    if (fuzz_knows_secret(data, size))
        return 0;
    set_up();
    visits = 0;
    make_request((struct fuzz_input){data, size}, &request);
    if (request.size == 0)
        return 0;
    _cleanup_close_ int fd = connected();
    talk(fd, &request, &answers);
    if (getenv("FUZZ_VERBOSE"))
        fprintf(stderr, "%u visits, answers: %.*s\n", visits, (int)answers.size, answers.data);
    are_sound(&answers);
    HOLDS(visits <= count(&request, loopback_address(loopback)));
    HOLDS(visits <= count(&request, "GET") + count(&request, "HEAD"));
    return 0;
}
