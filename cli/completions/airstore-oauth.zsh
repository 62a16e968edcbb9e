#compdef airstore-oauth
# SPDX-License-Identifier: MIT
#
# zsh completion for airstore-oauth. The program itself knows what can stand where: it prints
# "VALUE TAB DESCRIPTION", a line each, or "files" where zsh is to offer those.

local line
local -a candidates

for line in "${(@f)$("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
    if [[ $line == files ]]; then
        [[ $PREFIX != --*=* ]] || compset -P '*='
        _files
        return
    elif [[ $line == *$'\t'* ]]; then
        candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
done
# In the order in which they come: names before IDs.
_describe -V airstore-oauth candidates
