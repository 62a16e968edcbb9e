/* SPDX-License-Identifier: MIT */
#pragma once

/* Where the daemon listens: Varlink's "unix:" addresses as socket addresses. */

#include <sys/socket.h>
#include <sys/un.h>

struct oauthd_address {
    struct sockaddr_un socket;
    socklen_t size;
};

/* As airstore_oauthd_open(), whose errors it returns. */
int oauthd_address_find(const char *address_or_null, struct oauthd_address *ret);

/* Where systemd listens for the person, whatever AIRSTORE_OAUTHD_ADDRESS says. The same errors. */
int oauthd_address_standard(struct oauthd_address *ret);
