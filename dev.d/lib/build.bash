# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Building with Meson: set up once, then only what changed.

# configure DIRECTORY [MESON-OPTION…]: sets the build directory up, unless it is.
configure() {
    local directory=$1
    shift

    [[ ! -f $directory/build.ninja ]] || return 0
    mkdir -p -- "$directory"
    say "Configuring ${directory#"$PWD"/}/ …"
    if ! meson setup "$directory" . "$@" >"$directory/setup.log" 2>&1; then
        cat -- "$directory/setup.log" >&2
        die "Meson could not set up the build; see above."
    fi
}

# compile DIRECTORY [TARGET…]: on a terminal ninja shows how far it is, elsewhere only problems.
compile() {
    local quiet=(--quiet)

    [[ ! -t 1 ]] || quiet=()
    say "Building ${1#"$PWD"/}/ …"
    ninja -C "$1" "${quiet[@]}" "${@:2}" >&2
}

build_plain() {
    # Where linkers look on every distribution, when it is installed below /usr/local.
    configure "$BUILD" --libdir=lib
    compile "$BUILD" "$@"
}

# Warnings are errors here only: whoever just wants to use it may have a compiler with new ideas.
build_sanitize() {
    configure "$SANITIZE" -Dwerror=true -Db_sanitize=address,undefined -Db_lundef=false
    compile "$SANITIZE" "$@"
}

# What the sanitizers are told. Leaks cannot be looked for where the system forbids ptrace, or under
# a debugger: then the rest is checked, and it is said.
export_sanitizer_options() {
    local leaks=1 probe=$SANITIZE/leak-probe

    if [[ ! -x $probe ]]; then
        cc -fsanitize=address -x c -o "$probe" - <<<'int main(void) { return 0; }'
    fi
    if ! ASAN_OPTIONS=detect_leaks=1 "$probe" >/dev/null 2>&1; then
        leaks=0
        say "Leaks are not looked for: this machine does not allow it (ptrace)."
    fi
    # An exit status of its own, so that no test takes it for the failure that it expects.
    export ASAN_OPTIONS=detect_leaks=$leaks:halt_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1:exitcode=99
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=99
}

# files PATTERN…: our own files of these names, each ended by NUL.
files() {
    local pattern names=()

    for pattern; do
        names+=(-o -name "$pattern")
    done
    find . \( -name .git -o -name 'build' -o -name 'build-*' -o -name node_modules \) -prune \
        -o -type f \( "${names[@]:1}" \) -print0
}
