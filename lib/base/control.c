/* SPDX-License-Identifier: MIT */
#include "lib/base/control.h"

#include "lib/base/memory.h"

size_t control_length(const char *text)
{
    static const struct {
        unsigned char first, second, from, to; /* second: 0 for characters of two bytes */
    } ranges[] = {
        {0xc2, 0, 0x80, 0x9f},    /* U+0080 to U+009F */
        {0xd8, 0, 0x9c, 0x9c},    /* U+061C */
        {0xe2, 0x80, 0x8e, 0x8f}, /* U+200E, U+200F */
        {0xe2, 0x80, 0xa8, 0xae}, /* U+2028 to U+202E */
        {0xe2, 0x81, 0xa6, 0xa9}, /* U+2066 to U+2069 */
    };
    const unsigned char *byte = (const unsigned char *)text;

    if (byte[0] == '\0')
        return 0;
    if (byte[0] < 0x20 || byte[0] == 0x7f)
        return 1;
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        size_t last = ranges[i].second ? 2 : 1;
        if (byte[0] != ranges[i].first || (last == 2 && byte[1] != ranges[i].second))
            continue;
        if (byte[last] >= ranges[i].from && byte[last] <= ranges[i].to)
            return last + 1;
    }
    return 0;
}
