/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/random.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static void fill(uint8_t bytes[static 16])
{
    /* Up to 256 bytes come whole or not at all, and without them nothing here works. */
    if (getrandom(bytes, 16, 0) != 16)
        abort();
}

void random_uuid(char text[static UUID_SIZE])
{
    uint8_t b[16];

    fill(b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* version 4: random */
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); /* the variant of RFC 9562 */
    snprintf(text, UUID_SIZE,
        "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
        b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

void random_token(char text[static TOKEN_SIZE])
{
    uint8_t bytes[16];

    fill(bytes);
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}
