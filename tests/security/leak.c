/* SPDX-License-Identifier: MIT */

/* Preloaded into a program under test, which leaks from then on: who looks for leaks must say so.
 */

#include <stdlib.h>

static void __attribute__((constructor)) leak(void)
{
    /* Several: a stale pointer in a register or on the stack keeps one from being found. */
    for (int i = 0; i < 100; i++) {
        void *volatile lost = malloc(100);
        (void)lost;
    }
}
