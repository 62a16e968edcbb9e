/* SPDX-License-Identifier: MIT */

/*
 * What the command line reads and writes: durations that somebody types, and texts of the daemon's
 * or a server's on a terminal, which no text steers.
 */

#include "tests/fuzz/fuzz.h"

#include "cli/screen.h"
#include "cli/shape.h"
#include "cli/table.h"
#include "cli/term.h"
#include "cli/text.h"
#include "lib/base/json-scan.h"

#include <errno.h>
#include <locale.h>

#define DAY_MSEC 86400000L

/* The screen, in the place of cli/screen.c: as wide as the input says, and none when that is 0. */
static size_t columns;

size_t screen_width(FILE *stream)
{
    return columns;
}

bool screen_is_capable(FILE *stream)
{
    return false;
}

const char *screen_bold(FILE *stream)
{
    return "";
}

const char *screen_plain(FILE *stream)
{
    return "";
}

static void is_a_duration(const char *typed)
{
    char text[TEXT_SIZE];
    long msec = -42, again;

    int r = duration_parse(typed, &msec);
    HOLDS(r == 0 || (r == -EINVAL && msec == -42));
    if (r < 0)
        return;
    HOLDS(msec >= 0 && msec <= DAY_MSEC);
    snprintf(text, sizeof(text), "%ldms", msec);
    HOLDS(duration_parse(text, &again) == 0 && again == msec);
    HOLDS(duration_format(msec * 1000L, text) == text && strlen(text) < TEXT_SIZE);
}

static void is_a_time(int64_t usec, int64_t now)
{
    char text[TEXT_SIZE];

    HOLDS(time_relative(usec, now, text) == text);
    HOLDS(*text && strlen(text) < TEXT_SIZE && !fuzz_has_controls(text));
}

/* No control character but the ends of the lines, and what was UTF-8 still is. */
static void is_safe(const char *printed, const char *text, size_t lines_min)
{
    size_t n = 0;

    HOLDS(printed);
    for (const unsigned char *c = (const unsigned char *)printed; *c; c++) {
        n += *c == '\n';
        HOLDS(*c == '\n' || (*c >= 0x20 && *c != 0x7f));
        HOLDS(!(c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)); /* C1 */
        HOLDS(!(c[0] == 0xe2 && c[1] == 0x80 &&
                ((c[2] >= 0xaa && c[2] <= 0xae) || c[2] == 0x8e || c[2] == 0x8f)));
        HOLDS(!(c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
        HOLDS(!(c[0] == 0xd8 && c[1] == 0x9c));
    }
    HOLDS(n >= lines_min && (columns > 0 || n == lines_min));
    if (json_scan_is_utf8(text, strlen(text)))
        HOLDS(json_scan_is_utf8(printed, strlen(printed)));
}

/* What a function prints to a stream, which is one of the standard ones. */
static char *capture(FILE **stream, void (*print)(const char *text), const char *text)
{
    FILE *standard = *stream;
    char *printed = NULL;
    size_t size;
    FILE *memory = open_memstream(&printed, &size);

    if (!memory)
        abort();
    *stream = memory;
    print(text);
    *stream = standard;
    fclose(memory);
    return printed;
}

static void print_result(const char *text)
{
    print_line("%s", text);
}

static void print_remark(const char *text)
{
    say("airstore-oauth: %s", text);
}

static void print_row(const char *text)
{
    static const char *const headings[] = {"NAME", "STATE", NULL};
    const char *const cells[] = {text, "complete"};
    struct table table = {0};

    table_init(&table, headings, headings[1]);
    table_add(&table, cells);
    HOLDS(table_print(&table) == 0);
    table_clear(&table);
}

static void print_named(const char *text)
{
    print_field("error", 12, "%s", text);
}

/* Every byte but the blanks that a line was broken at is in one of the lines, in its order. */
static void breaks_into_lines(const char *text, size_t width)
{
    for (;;) {
        size_t length = text_line(text, width);
        HOLDS(length <= strlen(text) && (length > 0 || *text == '\0' || *text == ' '));
        text += length;
        HOLDS(*text == '\0' || *text == ' ');
        text += strspn(text, " ");
        if (*text == '\0')
            break;
    }
}

static void is_measured(const char *text)
{
    size_t width = text_width(text);

    for (size_t i = 0; i < 5; i++) {
        size_t fitting = text_fitting(text, i);
        HOLDS(fitting <= strlen(text));
        HOLDS(i < width || fitting == strlen(text));
        breaks_into_lines(text, i * 20 + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    _cleanup_free_ char *text = fuzz_text(data, size);
    int64_t usec = fuzz_integer(&input), now = fuzz_integer(&input);

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    is_a_duration(text);
    if (now >= 0 && usec >= -1) /* -1 stands for unknown, and clocks show this century */
        is_a_time(usec, now);

    columns = size % 3 * 20;
    _cleanup_free_ char *result = capture(&stdout, print_result, text);
    is_safe(result, text, 1);
    HOLDS(strlen(result) <= strlen(text) + 1);
    _cleanup_free_ char *remark = capture(&stderr, print_remark, text);
    is_safe(remark, text, 1);
    _cleanup_free_ char *field = capture(&stdout, print_named, text);
    is_safe(field, text, 1);
    _cleanup_free_ char *row = capture(&stdout, print_row, text);
    is_safe(row, text, 2);
    text_make_safe(text);
    is_measured(text);
    return 0;
}
