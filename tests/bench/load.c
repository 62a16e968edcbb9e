/* SPDX-License-Identifier: MIT */

/*
 * Asks a server on a UNIX socket the same question again and again, and says how long the answers
 * took.
 *
 *     load SOCKET kept|fresh nul|end CLIENTS SECONDS QUESTION
 *
 * kept: each client keeps its connection; fresh: each question has a connection of its own. nul:
 * question and answer end with a NUL byte, as in Varlink; end: the answer ends with the connection.
 * Each client has one question under way. A tenth of the time is spent on warming up before. Prints
 * one JSON object: questions, seconds (measured), and p50, p99, p999, most in microseconds.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Latencies are counted by microsecond, so that a long run needs no more memory than a short one.
 */
#define LATENCY_MAX 1000000

struct client {
    int fd; /* -1 when there is no connection */
    int64_t asked_at;
};

struct load {
    struct sockaddr_un address;
    const char *question;
    size_t question_size;
    bool kept, nul;
    int epoll_fd; /* -1 with a single client, which just waits for its answer */
    int64_t measured_from, n, most;
    uint32_t latencies[LATENCY_MAX];
};

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int64_t now_nsec(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void open_connection(const struct load *load, struct client *client)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};

    client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 ||
        connect(client->fd, (const struct sockaddr *)&load->address, sizeof(load->address)) < 0)
        die("connect");
    if (load->epoll_fd >= 0 && epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) < 0)
        die("epoll_ctl");
}

static void ask(const struct load *load, struct client *client)
{
    client->asked_at = now_nsec();
    if (client->fd < 0)
        open_connection(load, client);
    if (send(client->fd, load->question, load->question_size, MSG_NOSIGNAL) !=
        (ssize_t)load->question_size)
        die("send");
}

static void note(struct load *load, int64_t asked_at)
{
    int64_t now = now_nsec(), usec = (now - asked_at) / 1000;

    if (asked_at < load->measured_from)
        return;
    load->n++;
    load->latencies[usec < LATENCY_MAX ? usec : LATENCY_MAX - 1]++;
    if (usec > load->most)
        load->most = usec;
}

/* Whether the answer is whole now. */
static bool receive(const struct load *load, const struct client *client)
{
    char answer[65536];
    ssize_t n = recv(client->fd, answer, sizeof(answer), 0);

    if (n < 0)
        die("recv");
    if (n == 0 && load->nul) {
        fputs("load: the server has hung up\n", stderr);
        exit(EXIT_FAILURE);
    }
    return load->nul ? answer[n - 1] == '\0' : n == 0;
}

static void on_answer(struct load *load, struct client *client)
{
    if (!receive(load, client))
        return;
    note(load, client->asked_at);
    if (!load->kept) {
        close(client->fd);
        client->fd = -1;
    }
    ask(load, client);
}

static void run(struct load *load, struct client *clients, int n_clients, int64_t until)
{
    struct epoll_event events[256];

    for (int i = 0; i < n_clients; i++)
        ask(load, &clients[i]);
    while (now_nsec() < until) {
        int n = 1;
        if (load->epoll_fd < 0)
            on_answer(load, &clients[0]);
        else
            n = epoll_wait(load->epoll_fd, events, 256, 1000);
        for (int i = 0; load->epoll_fd >= 0 && i < n; i++)
            on_answer(load, events[i].data.ptr);
    }
}

static int64_t percentile(const struct load *load, double share)
{
    int64_t seen = 0;

    for (int64_t usec = 0; usec < LATENCY_MAX; usec++) {
        seen += load->latencies[usec];
        if ((double)seen >= share * (double)load->n)
            return usec;
    }
    return load->most;
}

int main(int argc, char *argv[])
{
    static struct load load = {.address.sun_family = AF_UNIX, .epoll_fd = -1};

    if (argc != 7) {
        fputs("Usage: load SOCKET kept|fresh nul|end CLIENTS SECONDS QUESTION\n", stderr);
        return 2;
    }
    snprintf(load.address.sun_path, sizeof(load.address.sun_path), "%s", argv[1]);
    load.kept = strcmp(argv[2], "kept") == 0;
    load.nul = strcmp(argv[3], "nul") == 0;
    load.question = argv[6];
    load.question_size = strlen(argv[6]) + load.nul;
    int n_clients = atoi(argv[4]);
    struct client *clients = calloc((size_t)n_clients, sizeof(*clients));
    if (!clients || n_clients < 1)
        die("CLIENTS");
    for (int i = 0; i < n_clients; i++)
        clients[i].fd = -1;
    if (n_clients > 1)
        load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);

    int64_t duration = (int64_t)(atof(argv[5]) * 1e9);
    load.measured_from = now_nsec() + duration / 10;
    run(&load, clients, n_clients, load.measured_from + duration);
    double seconds = (double)(now_nsec() - load.measured_from) / 1e9;
    printf("{\"questions\": %lld, \"seconds\": %.6f, \"p50\": %lld, \"p99\": %lld, \"p999\": %lld, "
           "\"most\": %lld}\n",
        (long long)load.n, seconds, (long long)percentile(&load, 0.5),
        (long long)percentile(&load, 0.99), (long long)percentile(&load, 0.999),
        (long long)load.most);
    free(clients);
    return 0;
}
