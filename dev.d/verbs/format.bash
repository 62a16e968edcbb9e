# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev format
#     Lay out all C files as .clang-format says.

verb_format() {
    (($# == 0)) || die "format takes no arguments."
    need format
    files '*.c' '*.h' | xargs -0 clang-format -i
}
