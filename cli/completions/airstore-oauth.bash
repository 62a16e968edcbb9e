# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# bash completion for airstore-oauth. The program itself knows what can stand where: it prints
# "VALUE TAB DESCRIPTION", a line each, or "files" where readline is to offer those.
_airstore_oauth() {
    local value description

    COMPREPLY=()
    compopt -o nosort 2>/dev/null # names before IDs, from bash 4.4 on
    while IFS=$'\t' read -r value description; do
        if [[ $value == files && -z $description ]]; then
            compopt -o default
        elif [[ -n $description && $value == "$2"* ]]; then
            COMPREPLY+=("$value")
        fi
    done < <("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$2" 2>/dev/null)
}

complete -F _airstore_oauth airstore-oauth
