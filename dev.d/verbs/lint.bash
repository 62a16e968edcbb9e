# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev lint
#     Check how the code is laid out, look for mistakes in C (clang-tidy with clang's analyzer, gcc's
#     analyzer, cppcheck) and in scripts, see that every header stands on its own and that the manual
#     pages can be read.

LINT_FAILED=0

verb_lint() {
    (($# == 0)) || die "lint takes no arguments."
    need build lint
    build_plain # there are generated headers, too

    check "the layout of C files (./dev format repairs it)" lint_layout
    check "headers that stand on their own" lint_headers
    check "mistakes in C" lint_c
    check "mistakes in C, as gcc's analyzer sees them" lint_analyzer
    check "mistakes in C, as cppcheck sees them" lint_cppcheck
    check "scripts" lint_scripts
    check "manual pages" lint_manual
    ((LINT_FAILED == 0)) || die "There is something to repair; see above."
    say "Nothing to repair."
}

# check WHAT FUNCTION: says whether it went well; the others are run in any case.
check() {
    say "Checking $1 …"
    "$2" >&2 || LINT_FAILED=1
}

lint_layout() {
    files '*.c' '*.h' | xargs -0 clang-format --dry-run -Werror
}

lint_headers() {
    local flags

    read -r -a flags < <(pkg-config --cflags libsystemd libcurl libmicrohttpd json-c sqlite3)
    files '*.h' | xargs -0 -P "$(nproc)" -I{} \
        cc -fsyntax-only -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter -Werror \
        -I. "${flags[@]}" -include {} -x c /dev/null
}

# The sources that are built, as they are built; .clang-tidy says what is looked for. Being clang, it
# is a second compiler as well; it knows another way only to ask for variables that begin as zero.
lint_c() {
    files '*.c' | xargs -0 -n 4 -P "$(nproc)" \
        clang-tidy --quiet -p "$BUILD" --extra-arg=-Wno-unknown-warning-option \
        --extra-arg=-ftrivial-auto-var-init=uninitialized 2> >(grep -v ' generated\.$' >&2)
}

# The programs and libraries. It does not know clean-up by attribute, so it sees leaks where there are
# none; those that there are, the tests find (LeakSanitizer).
lint_analyzer() {
    local flags

    read -r -a flags < <(pkg-config --cflags libsystemd libcurl libmicrohttpd json-c sqlite3 libsecret-1)
    find lib daemon cli -name '*.c' -print0 | xargs -0 -P "$(nproc)" -I{} \
        gcc -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-fd-leak -Werror -S -o /dev/null -std=gnu17 \
        -D_GNU_SOURCE -DHAVE_QRENCODE=1 '-DVERSION="lint"' '-DLIBEXECDIR="lint"' -I. -Ilib -I"$BUILD" "${flags[@]}" {}
}

# The same, for the same reason. What it says and is not so is answered in place.
lint_cppcheck() {
    cppcheck --std=c11 --library=posix,gnu,bsd --enable=warning,performance,portability --quiet -j "$(nproc)" \
        --inline-suppr --suppress=missingIncludeSystem --suppress=memleak --suppress=resourceLeak \
        --suppress=internalAstError:lib/api/client-connections.c --error-exitcode=1 \
        -D_GNU_SOURCE '-DVERSION="lint"' '-DLIBEXECDIR="lint"' -DHAVE_QRENCODE=1 '-D_cleanup_(function)=' \
        '-Dlh_foreach(table,entry)=for(entry=(table)->head;entry;entry=entry->next)' \
        -I. -Ilib -I"$BUILD" lib daemon cli
}

lint_scripts() {
    files '*' | xargs -0 grep -lZE -m 1 '^#!.*\b(ba)?sh$|^# shellcheck shell=' | xargs -0 shellcheck -x
}

lint_manual() {
    local file

    while IFS= read -r -d '' file; do
        scdoc <"$file" >/dev/null || {
            say "$file: scdoc cannot read this page."
            return 1
        }
    done < <(files '*.scd')
}
