/* SPDX-License-Identifier: MIT */
#include "cli/term.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/ioctl.h>

static bool live_shown;

/* ---- Text that is safe to show -------------------------------------------------------------- */

/* How many bytes at the start of the text would steer the terminal: control characters (also those
 * beyond ASCII), and the marks that make text run backwards. */
static size_t control_length(const char *text)
{
    static const struct {
        unsigned char first, second, from, to;
    } ranges[] = {
        {0xc2, 0, 0x80, 0x9f},    /* U+0080 to U+009F */
        {0xe2, 0x80, 0x8e, 0x8f}, /* U+200E, U+200F */
        {0xe2, 0x80, 0xa8, 0xae}, /* U+2028 to U+202E */
        {0xe2, 0x81, 0xa6, 0xa9}, /* U+2066 to U+2069 */
    };
    const unsigned char *byte = (const unsigned char *)text;

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

static void print_safely(FILE *stream, const char *text)
{
    while (*text) {
        size_t n = control_length(text);
        putc(n > 0 ? '?' : *text, stream);
        text += n > 0 ? n : 1;
    }
}

static void print_arguments(FILE *stream, const char *format, va_list arguments) _printf_(2, 0);
static void print_arguments(FILE *stream, const char *format, va_list arguments)
{
    _cleanup_free_ char *text = NULL;

    if (vasprintf(&text, format, arguments) < 0) {
        text = NULL;
        return;
    }
    print_safely(stream, text);
}

void say(const char *format, ...)
{
    va_list arguments;

    live_end();
    va_start(arguments, format);
    print_arguments(stderr, format, arguments);
    va_end(arguments);
    putc('\n', stderr);
}

void print_line(const char *format, ...)
{
    va_list arguments;

    live_end();
    va_start(arguments, format);
    print_arguments(stdout, format, arguments);
    va_end(arguments);
    putchar('\n');
}

int print_json(const char *json_or_null)
{
    if (!json_or_null)
        return -ENOMEM;
    live_end();
    /* Programs get every byte; terminals get none that steers them. */
    if (isatty(STDOUT_FILENO))
        print_safely(stdout, json_or_null);
    else
        fputs(json_or_null, stdout);
    putchar('\n');
    return 0;
}

void print_wrapped(const char *left, int column, const char *text)
{
    int used = printf("  %s", left);

    if (used >= column) {
        putchar('\n');
        used = 0;
    }
    printf("%*s", column - used, "");
    used = column;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (used > column && used + 1 + length > 80) {
            printf("\n%*s", column, "");
            used = column;
        }
        used += printf("%s%.*s", used > column ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

/* ---- The terminal --------------------------------------------------------------------------- */

size_t term_width(FILE *stream)
{
    struct winsize size;

    if (!isatty(fileno(stream)))
        return 0;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

static bool is_dumb(void)
{
    const char *term = getenv("TERM");

    return !term || term[0] == '\0' || streq(term, "dumb");
}

static bool has_styles(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");

    return isatty(fileno(stream)) && !is_dumb() && !(no_color && no_color[0] != '\0');
}

const char *term_bold(FILE *stream)
{
    return has_styles(stream) ? "\033[1m" : "";
}

const char *term_plain(FILE *stream)
{
    return has_styles(stream) ? "\033[0m" : "";
}

/* Bytes that begin a character of UTF-8; each is taken to be one column wide. */
static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

size_t text_width(const char *text)
{
    size_t width = 0;

    for (; *text; text++)
        width += begins_character(*text);
    return width;
}

size_t text_fitting(const char *text, size_t width)
{
    size_t length = 0;

    for (; text[length]; length++) {
        if (begins_character(text[length]) && width-- == 0)
            break;
    }
    return length;
}

/* ---- The live line -------------------------------------------------------------------------- */

bool live_possible(void)
{
    return isatty(STDERR_FILENO) && !is_dumb();
}

void live_show(const char *format, ...)
{
    _cleanup_free_ char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    int r = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (r < 0) {
        text = NULL;
        return;
    }
    /* A line that does not fit could not be written over. */
    text[text_fitting(text, term_width(stderr) - 1)] = '\0';
    fputs("\r\033[K", stderr);
    print_safely(stderr, text);
    fflush(stderr);
    live_shown = true;
}

void live_end(void)
{
    if (live_shown)
        fputs("\r\033[K", stderr);
    live_shown = false;
}
