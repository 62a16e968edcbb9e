/* SPDX-License-Identifier: MIT */
#include "cli/nearest.h"

#include "lib/base/memory.h"

#include <ctype.h>

#define LENGTH_MAX 32
#define SLIPS_MAX 2

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* How many letters are missing, in excess, wrong or swapped with the next. */
static unsigned slips(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    unsigned row[LENGTH_MAX + 1][LENGTH_MAX + 1];

    if (n > LENGTH_MAX || m > LENGTH_MAX)
        return SLIPS_MAX + 1;
    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                row[i][j] = (unsigned)(i + j);
                continue;
            }
            row[i][j] = row[i - 1][j - 1] + !same(a[i - 1], b[j - 1]);
            row[i][j] = least(row[i][j], least(row[i - 1][j], row[i][j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[i][j] = least(row[i][j], row[i - 2][j - 2] + 1);
        }
    }
    return row[n][m];
}

bool nearest_try(const char *typed, const char *meant, const char **best)
{
    unsigned n = slips(typed, meant);

    if (n > SLIPS_MAX || 2 * n >= strlen(meant) || (*best && n >= slips(typed, *best)))
        return false;
    *best = meant;
    return true;
}
