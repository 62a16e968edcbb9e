# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev clean
#     Remove build/ and all that is in it.

verb_clean() {
    (($# == 0)) || die "clean takes no arguments."
    rm -rf -- "$BUILD"
}
