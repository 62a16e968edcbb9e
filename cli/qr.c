/* SPDX-License-Identifier: MIT */
#include "cli/qr.h"

#include "cli/screen.h"
#include "cli/term.h"
#include "lib/base/memory.h"

#include <dlfcn.h>
#include <qrencode.h>

/* Cameras find the code by the light margin around it. The standard wants four modules; two are
 * enough for all that were tried, and the code has to fit. */
#define MARGIN 2

/* Lines that stay free for what stands below the code: the live line. */
#define LINES_BELOW 1

/* Loaded when it is needed, which is rare, so that everything else starts without it, and works
 * where it is not installed. */
static struct {
    __typeof__(&QRcode_encodeString) encode;
    __typeof__(&QRcode_free) free;
} library;

static bool load(void)
{
    void *handle = dlopen("libqrencode.so.4", RTLD_NOW | RTLD_LOCAL);

    if (!handle)
        return false;
    library.encode = (__typeof__(library.encode))dlsym(handle, "QRcode_encodeString");
    library.free = (__typeof__(library.free))dlsym(handle, "QRcode_free");
    return library.encode && library.free;
}

static inline void code_freep(QRcode **code)
{
    if (*code)
        library.free(*code);
}

/* Whether a module is light; so is all that is around the code. */
static bool is_light(const QRcode *code, int row, int column)
{
    if (row < 0 || column < 0 || row >= code->width || column >= code->width)
        return true;
    return !(code->data[row * code->width + column] & 1);
}

/* Two rows of modules in one line, for a character is twice as high as it is wide. */
static void print_rows(const QRcode *code, int row)
{
    static const char *const blocks[] = {" ", "▄", "▀", "█"};

    for (int column = -MARGIN; column < code->width + MARGIN; column++) {
        int above = is_light(code, row, column), below = is_light(code, row + 1, column);
        fputs(blocks[2 * above + below], stderr);
    }
}

static void print_code(const QRcode *code)
{
    /* The block is white and what is around it black, of the fixed part of the palette, whatever
     * the window's own colours are. Where no colours are wanted, it is the dark window's. */
    bool colours = screen_has_colours(stderr);
    const char *on = colours ? "\033[38;5;231;48;5;16m" : "", *off = colours ? "\033[0m" : "";

    live_end();
    for (int row = -MARGIN; row < code->width + MARGIN; row += 2) {
        fputs(on, stderr);
        print_rows(code, row);
        fprintf(stderr, "%s\n", off);
    }
}

bool qr_say(const char *url, bool first)
{
    if (is_quiet() || !screen_is_capable(stderr) || !screen_is_utf8() || !load())
        return false;
    _cleanup_(code_freep) QRcode *code = library.encode(url, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
    if (!code)
        return false;
    size_t columns = (size_t)code->width + 2 * MARGIN, lines = (columns + 1) / 2 + LINES_BELOW;
    if (columns <= screen_width(stderr) && lines <= screen_height(stderr)) {
        print_code(code);
        return false;
    }
    if (first)
        say("A window of %zu columns and %zu lines shows it as a QR code, too.", columns, lines);
    return true;
}
