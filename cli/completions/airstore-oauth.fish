# SPDX-License-Identifier: MIT
#
# fish completion for airstore-oauth. The program itself knows what can stand where: it prints
# "VALUE TAB DESCRIPTION", a line each, or "files" where fish is to offer those.

function __airstore_oauth_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$lines" = files
        set -l option (string match -r -- '^--[^=]*=' "$current"; or echo)
        printf '%s\n' $option(__fish_complete_path (string replace -- "$option" '' "$current"))
    else
        printf '%s\n' $lines
    end
end

complete -c airstore-oauth -f -k -a '(__airstore_oauth_complete)'
