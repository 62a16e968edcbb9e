# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev shell
#     Build, start a stand-in for Airstore and the daemon as ./dev run does, and open a shell in which
#     airstore-oauth, its manual pages and the Tab key work. All of it is gone when the shell ends.

# shellcheck source=dev.d/verbs/run.bash
source dev.d/verbs/run.bash

verb_shell() {
    local status=0 page

    (($# == 0)) || die "shell takes no arguments."
    need build run
    build_plain
    start_everything

    for page in "$BUILD"/man/*.[1-8]; do
        mkdir -p -- "$PRIVATE/man/man${page##*.}"
        ln -s -- "$page" "$PRIVATE/man/man${page##*.}/"
    done
    {
        echo '[[ ! -r ~/.bashrc ]] || source ~/.bashrc'
        printf 'source %q\n' "$PWD/cli/completions/airstore-oauth.bash"
        printf 'PS1=%q\n' '(airstore) \w\$ '
    } >"$PRIVATE/bashrc"
    say "Its API key is $AIRSTORE_API_KEY, and what the daemon says is in $PRIVATE/daemon.log."
    say "Try: airstore-oauth connect, airstore-oauth --help, man airstore-oauth. Ctrl-D leaves."
    PATH=$BUILD/cli:$PATH MANPATH=$PRIVATE/man: bash --rcfile "$PRIVATE/bashrc" -i || status=$?
    exit "$status"
}
