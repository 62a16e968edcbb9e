/* SPDX-License-Identifier: MIT */
#include "cli/term.h"

#include "cli/screen.h"
#include "cli/shape.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

#define HELP_WIDTH 80

static bool live_shown, quiet;

/* ---- Lines ---------------------------------------------------------------------------------- */

/* The text, which is safe to show by then; NULL when there is no memory for it. */
static char *format_safely(const char *format, va_list arguments) _printf_(1, 0);
static char *format_safely(const char *format, va_list arguments)
{
    char *text;

    if (vasprintf(&text, format, arguments) < 0)
        return NULL;
    text_make_safe(text);
    return text;
}

/* From the column on, at which the cursor is. */
static void print_lines(FILE *stream, const char *text, size_t column)
{
    size_t width = screen_width(stream);

    if (width > column + 10)
        width -= column;
    for (;;) {
        size_t length = width > 0 ? text_line(text, width) : strlen(text);
        fprintf(stream, "%.*s\n", (int)length, text);
        text += length;
        text += strspn(text, " ");
        if (*text == '\0')
            return;
        fprintf(stream, "%*s", (int)column, "");
    }
}

static void say_arguments(const char *format, va_list arguments) _printf_(1, 0);
static void say_arguments(const char *format, va_list arguments)
{
    _cleanup_free_ char *text = format_safely(format, arguments);

    live_end();
    if (text)
        print_lines(stderr, text, 0);
}

void say_always(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_arguments(format, arguments);
    va_end(arguments);
}

void say(const char *format, ...)
{
    va_list arguments;

    if (quiet)
        return;
    va_start(arguments, format);
    say_arguments(format, arguments);
    va_end(arguments);
}

void say_item(const char *left, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    _cleanup_free_ char *text = format_safely(format, arguments);
    va_end(arguments);
    live_end();
    if (!text)
        return;
    fputs(left, stderr);
    print_lines(stderr, text, text_width(left));
}

void be_quiet(void)
{
    quiet = true;
}

bool is_quiet(void)
{
    return quiet;
}

/* What stands in a link's escape sequence must be able to neither end it nor begin another. */
static bool can_be_linked(const char *url)
{
    for (; *url; url++) {
        if (*url <= 0x20 || *url >= 0x7f)
            return false;
    }
    return true;
}

void say_link(const char *url)
{
    const char *term = getenv("TERM");
    /* The console of Linux shows some of what it does not understand. */
    bool link = screen_is_capable(stderr) && !streq(term, "linux") && can_be_linked(url);

    if (link) {
        live_end();
        fprintf(stderr, "\033]8;;%s\033\\%s\033]8;;\033\\\n", url, url);
    } else {
        say_always("%s", url);
    }
}

void print_line(const char *format, ...)
{
    va_list arguments;

    live_end();
    va_start(arguments, format);
    _cleanup_free_ char *text = format_safely(format, arguments);
    va_end(arguments);
    if (text)
        puts(text);
}

void print_field(const char *name, size_t column, const char *format, ...)
{
    size_t width = screen_width(stdout);
    va_list arguments;

    live_end();
    va_start(arguments, format);
    _cleanup_free_ char *text = format_safely(format, arguments);
    va_end(arguments);
    if (!text)
        return;
    if (width > 0 && !strchr(text, ' ') && column + text_width(text) > width) {
        column = 2;
        printf("%s\n%*s", name, (int)column, "");
    } else {
        printf("%s%*s", name, (int)(column - text_width(name)), "");
    }
    print_lines(stdout, text, column);
}

int print_json(const char *json_or_null)
{
    if (!json_or_null)
        return -ENOMEM;
    const char *members = json_or_null + strspn(json_or_null, "{ ");
    _cleanup_free_ char *copy = strdup(members);
    if (!copy)
        return -ENOMEM;
    live_end();
    /* Programs get every byte; terminals get none that steers them. */
    if (isatty(STDOUT_FILENO))
        text_make_safe(copy);
    printf("{\"schema\":%d%s%s\n", JSON_SCHEMA, *copy == '}' ? "" : ",", copy);
    return 0;
}

int print_json_tree(struct json_object *object)
{
    return print_json(json_object_to_json_string_ext(
        object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* Of the help, which keeps its width where there is room for it, and where there is no terminal. */
static int help_width(void)
{
    size_t width = screen_width(stdout);

    return width > 0 && width < HELP_WIDTH ? (int)width : HELP_WIDTH;
}

static void print_text(int column, const char *text)
{
    int used = column, width = help_width();

    while (*text) {
        int length = (int)strcspn(text, " \n");
        if (used > column && used + 1 + length > width) {
            printf("\n%*s", column, "");
            used = column;
        }
        used += printf("%s%.*s", used > column ? " " : "", length, text);
        text += length;
        text += strspn(text, " \n");
    }
    putchar('\n');
}

void print_paragraph(const char *text)
{
    print_text(0, text);
}

void print_wrapped(const char *left, int column, const char *text)
{
    int used = printf("  %s", left);

    if (column > help_width() / 2)
        column = 6;
    if (used >= column) {
        putchar('\n');
        used = 0;
    }
    printf("%*s", column - used, "");
    print_text(column, text);
}

/* ---- The live line -------------------------------------------------------------------------- */

bool live_possible(void)
{
    return !quiet && screen_is_capable(stderr);
}

void live_show(const char *text, const char *brief)
{
    size_t width = screen_width(stderr);

    if (!live_possible() || width == 0)
        return;
    _cleanup_free_ char *line = strdup(text_width(text) < width ? text : brief);
    if (!line)
        return;
    text_make_safe(line);
    line[text_fitting(line, width - 1)] = '\0';
    /* The cursor waits at the beginning. So all of the line can be removed even when the window has
     * become narrower meanwhile, and the terminal made two of it. */
    fprintf(stderr, "\r\033[J%s\r", line);
    fflush(stderr);
    live_shown = true;
}

void live_end(void)
{
    if (live_shown)
        fputs("\r\033[J", stderr);
    live_shown = false;
}
