# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev test [SUITE…]
#     Build twice, plainly and with AddressSanitizer and UndefinedBehaviorSanitizer, and run the
#     suites (all of them, unless you name some): unit, integration, terminal, interop, systemd,
#     security, e2e, packages.
#     The last line says how many tests passed, failed and were skipped.

# One suite a line, named after its directory below tests/: what it needs, how it is run, in which
# builds.
SUITES='
unit         -                    meson        plain,sanitize
integration  python               pytest       plain,sanitize
terminal     python,terminal      pytest       plain,sanitize
interop      python,node,interop  pytest,node  plain,sanitize
systemd      python,systemd       pytest       plain
security     python,security      pytest       plain,sanitize
e2e          python,node,browser  pytest       plain
packages     python,deb,fresh     pytest       plain
'

verb_test() {
    local suite line needs groups=(build test) wanted=("$@")

    if (($# == 0)); then
        mapfile -t wanted < <(awk 'NF { print $1 }' <<<"$SUITES")
    fi
    for suite in "${wanted[@]}"; do
        line=$(suite_line "$suite")
        [[ -n $line ]] || die "There is no suite '$suite'. There are: $(awk 'NF { printf "%s ", $1 }' <<<"$SUITES")"
        read -r _ needs _ <<<"$line"
        IFS=, read -r -a needs <<<"$needs"
        groups+=("${needs[@]}")
    done

    need "${groups[@]}"
    [[ " ${groups[*]} " != *" python "* ]] || python_packages
    rm -rf -- "$RESULTS"
    mkdir -p -- "$RESULTS"

    run_suites plain "${wanted[@]}"
    run_suites sanitize "${wanted[@]}"
    python3 dev.d/lib/results.py "$RESULTS"
}

suite_line() {
    awk -v suite="$1" '$1 == suite' <<<"$SUITES"
}

# run_suites BUILD SUITE…: those of them that are run in this build.
run_suites() {
    local build=$1 suite runner runners builds todo=()

    for suite in "${@:2}"; do
        read -r _ _ runners builds <<<"$(suite_line "$suite")"
        [[ ,$builds, == *,$build,* ]] || continue
        IFS=, read -r -a runners <<<"$runners"
        for runner in "${runners[@]}"; do
            todo+=("$suite $runner")
        done
    done
    ((${#todo[@]} > 0)) || return 0

    "build_$build"
    export AIRSTORE_BUILD=$PWD/build
    if [[ $build == sanitize ]]; then
        AIRSTORE_BUILD=$PWD/build/sanitize
        export_sanitizer_options
    fi
    for suite in "${todo[@]}"; do
        read -r suite runner <<<"$suite"
        run_suite "$build" "$suite" "$runner"
    done
}

# run_suite BUILD SUITE RUNNER: leaves a JUnit file of the results, and the exit status beside it.
run_suite() {
    local result=$RESULTS/$2.$3.$1 status=0

    say "Testing $2 ($3, $1) …"
    "test_with_$3" "$2" "$result.xml" >&2 || status=$?
    printf '%s\n' "$status" >"$result.status"
}

# Each is given the suite and where to put its results.

test_with_meson() {
    local status=0

    CMOCKA_MESSAGE_OUTPUT=XML meson test -C "$AIRSTORE_BUILD" --no-rebuild --print-errorlogs \
        --logbase results || status=$?
    cp -- "$AIRSTORE_BUILD/meson-logs/results.junit.xml" "$2" || true
    return "$status"
}

test_with_pytest() {
    local package

    for package in "tests/$1"/*/package.json; do
        node_packages "$(dirname -- "$package")" "$(node_copy "$package")" || return
    done
    "$VENV/bin/python" -m pytest -c tests/pytest.ini --rootdir tests -p no:cacheprovider \
        --numprocesses "$(($(nproc) * 3))" --dist loadgroup --quiet --junit-xml "$2" "tests/$1"
}

# Every directory with a package.json is copied to where its packages may be installed.
test_with_node() {
    local package copy

    export AIRSTORE_SANDBOX_BINARY=$AIRSTORE_BUILD/tests/sandbox/airstore-sandbox
    for package in "tests/$1"/*/package.json; do
        copy=$(node_copy "$package")
        node_packages "$(dirname -- "$package")" "$copy" || return
        (cd -- "$copy" && node --test --test-reporter=spec --test-reporter-destination=stdout \
            --test-reporter=junit --test-reporter-destination="$2") || return
    done
}

# node_copy tests/SUITE/NAME/package.json: where those packages are installed.
node_copy() {
    local directory=${1%/package.json}

    printf '%s\n' "$NPM/${directory#tests/}"
}
