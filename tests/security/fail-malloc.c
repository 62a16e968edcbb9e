/* SPDX-License-Identifier: MIT */

/*
 * Preloaded into a program under test: memory runs out when the test says so. The file that
 * FAIL_MALLOC names is shared with the test: its first number counts down with every allocation,
 * and the one that makes it 0 fails. 0 means that nothing fails.
 *
 * Spared are two functions of json-c that do not look whether their allocations succeed: one may
 * crash, and reads numbers with fractions only; the other leaves out a part of what it writes.
 * SECURITY.md says so. And setlocale(), for it leaks some bytes then.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

static uint64_t none, *countdown = &none;

static __thread bool spared __attribute__((tls_model("initial-exec"))); /* asks for no memory */

static void __attribute__((constructor)) share(void)
{
    const char *path = getenv("FAIL_MALLOC");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0)
        return;
    void *shared = mmap(NULL, sizeof(*countdown), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared != MAP_FAILED)
        countdown = shared;
    /* Programs that this one starts are none of our business. */
    unsetenv("LD_PRELOAD");
}

static bool fails(void)
{
    uint64_t now = __atomic_load_n(countdown, __ATOMIC_RELAXED);

    if (spared)
        return false;
    while (now > 0) {
        if (__atomic_compare_exchange_n(
                countdown, &now, now - 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            if (now == 1)
                errno = ENOMEM;
            return now == 1;
        }
    }
    return false;
}

/* The next one of this name: of libc, or of AddressSanitizer. */
#define NEXT(function)                                                                             \
    __extension__({                                                                                \
        static __typeof__(function) *_next;                                                        \
        if (!_next)                                                                                \
            *(void **)&_next = dlsym(RTLD_NEXT, #function);                                        \
        _next;                                                                                     \
    })

EXPORTED void *malloc(size_t size)
{
    return fails() ? NULL : NEXT(malloc)(size);
}

EXPORTED void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : NEXT(calloc)(n, size);
}

EXPORTED void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : NEXT(realloc)(memory, size);
}

EXPORTED char *strdup(const char *text)
{
    return fails() ? NULL : NEXT(strdup)(text);
}

EXPORTED char *strndup(const char *text, size_t size)
{
    return fails() ? NULL : NEXT(strndup)(text, size);
}

EXPORTED struct json_object *json_tokener_parse_ex(
    struct json_tokener *tokener, const char *text, int size)
{
    spared = true;
    struct json_object *object = NEXT(json_tokener_parse_ex)(tokener, text, size);
    spared = false;
    return object;
}

EXPORTED const char *json_object_to_json_string_length(
    struct json_object *object, int flags, size_t *ret_length)
{
    spared = true;
    const char *text = NEXT(json_object_to_json_string_length)(object, flags, ret_length);
    spared = false;
    return text;
}

EXPORTED char *setlocale(int category, const char *locale)
{
    spared = true;
    char *set = NEXT(setlocale)(category, locale);
    spared = false;
    return set;
}
