/* SPDX-License-Identifier: MIT */

/*
 * Replies of Airstore, or of whoever answers in its place: header lines, an empty one, the body.
 * Taken in as curl hands them over; replies.c has what must hold of them.
 */

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/replies.h"

#include <errno.h>

/* As curl hands it over: a line at a time with its end, then the body in pieces. */
static void receive(struct api_reply *reply, struct fuzz_input input)
{
    while (input.left > 0) {
        struct fuzz_input line = fuzz_part(&input, '\n');
        int r = api_reply_header(reply, (const char *)line.at, (size_t)(input.at - line.at));
        HOLDS(r == 0 || r == -EMSGSIZE);
        if (r < 0)
            reply->transport = API_ERROR_INVALID_REPLY;
        if (line.left == 0 || (line.left == 1 && *line.at == '\r'))
            break;
    }
    size_t half = input.left / 2;
    HOLDS(buffer_append(&reply->body, input.at, half) == 0);
    HOLDS(buffer_append(&reply->body, input.at + half, input.left - half) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_api_reply_ struct api_reply reply = API_REPLY_INIT;

    receive(&reply, (struct fuzz_input){data, size});
    reply_is_sound(&reply);
    return 0;
}
