# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev help
#     Say what the verbs do.

verb_help() {
    local file

    printf 'airstore-oauthd: build it, try it, test it. What is missing is installed.\n'
    for file in dev.d/verbs/*.bash; do
        # The first comment, without the licence and what is meant for shellcheck.
        awk '!/^#/ { exit } /SPDX|shellcheck/ { next } { sub(/^# ?/, ""); print }' "$file"
    done
}
