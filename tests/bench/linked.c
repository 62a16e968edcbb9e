/* SPDX-License-Identifier: MIT */

/*
 * A program that is linked with the same libraries as airstore-oauthd and uses none of them: what
 * is left when it is subtracted is ours.
 *
 *     linked         starts, and ends; with sockets of systemd's, it answers one question before
 *     linked wait    starts, and waits until it is killed
 */

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* Answers whoever comes first. */
static int answer_once(int n_sockets)
{
    static const char reply[] = "{\"parameters\":{}}";
    struct pollfd sockets[2];
    char question[4096];
    int fd = -1;

    for (int i = 0; i < n_sockets; i++)
        sockets[i] = (struct pollfd){.fd = SD_LISTEN_FDS_START + i, .events = POLLIN};
    (void)poll(sockets, (nfds_t)n_sockets, -1);
    for (int i = 0; i < n_sockets && fd < 0; i++) {
        if (sockets[i].revents)
            fd = accept(sockets[i].fd, NULL, NULL);
    }
    if (fd < 0 || recv(fd, question, sizeof(question), 0) <= 0 ||
        send(fd, reply, sizeof(reply), MSG_NOSIGNAL) < 0)
        return 1;
    /* Until whoever asked has read it. */
    (void)recv(fd, question, sizeof(question), 0);
    return 0;
}

int main(int argc, char *argv[])
{
    int n_sockets = sd_listen_fds(0);

    if (argc > 1 && strcmp(argv[1], "wait") == 0) {
        puts("waiting");
        fflush(stdout);
        return pause();
    }
    if (n_sockets < 1 || n_sockets > 2)
        return 0;
    (void)sd_notify(0, "READY=1");
    return answer_once(n_sockets);
}
