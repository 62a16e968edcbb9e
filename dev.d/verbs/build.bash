# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev build
#     Build everything into build/.

verb_build() {
    (($# == 0)) || die "build takes no arguments."
    need build
    build_plain
}
