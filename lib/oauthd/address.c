/* SPDX-License-Identifier: MIT */
#include "lib/oauthd/address.h"

#include "lib/base/environment.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#define SOCKET_NAME "airstore-oauthd/ai.airstore.OAuth"

static int parse_address(const char *address, struct oauthd_address *ret)
{
    struct oauthd_address parsed = {.socket.sun_family = AF_UNIX};
    static const char scheme[] = "unix:";

    if (strncmp(address, scheme, strlen(scheme)) != 0)
        return -EINVAL;
    const char *path = address + strlen(scheme);
    size_t length = strcspn(path, ";"); /* what follows concerns whoever listens */
    if (length < 2 || (path[0] != '/' && path[0] != '@'))
        return -EINVAL;
    if (length >= sizeof(parsed.socket.sun_path))
        return -ENAMETOOLONG;

    memcpy(parsed.socket.sun_path, path, length);
    parsed.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (path[0] == '@')
        parsed.socket.sun_path[0] = '\0';
    else
        parsed.size++; /* a path ends with a NUL, an abstract name does not */
    *ret = parsed;
    return 0;
}

int oauthd_address_standard(struct oauthd_address *ret)
{
    char address[sizeof("unix:/" SOCKET_NAME) + sizeof(ret->socket.sun_path)];
    const char *runtime = environment("XDG_RUNTIME_DIR");

    if (!runtime)
        return -EDESTADDRREQ;
    int length = snprintf(address, sizeof(address), "unix:%s/" SOCKET_NAME, runtime);
    if (length < 0 || (size_t)length >= sizeof(address))
        return -ENAMETOOLONG;
    return parse_address(address, ret);
}

int oauthd_address_find(const char *address_or_null, struct oauthd_address *ret)
{
    const char *address = address_or_null;

    if (!address)
        address = environment("AIRSTORE_OAUTHD_ADDRESS");
    if (!address)
        return oauthd_address_standard(ret);
    return parse_address(address, ret);
}
