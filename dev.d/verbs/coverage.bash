# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev coverage
#     Measure which lines and branches of lib/ and daemon/ the tests reach: run the suites that start
#     our programs in a build that counts, and write the table of tests/coverage.md anew.

# Not those in which the daemon cannot write its counts: from the sandbox of its unit.
COVERED='integration interop security terminal'

verb_coverage() {
    # shellcheck disable=SC2153
    local suite directory=$BUILD/coverage status=0

    (($# == 0)) || die "coverage takes no arguments."
    need build test python interop security terminal coverage
    python_packages
    configure "$directory" --libdir=lib -Db_coverage=true -Dbuildtype=debug
    compile "$directory"
    find "$directory" -name '*.gcda' -delete
    # Notes on sources that are gone, which gcov would look for.
    find "$directory" -name '*.gcno' -exec sh -c '[ -e "${1%.gcno}.o" ] || rm -- "$1"' - {} \;
    # Also by the users as which tests start our programs.
    find "$directory" -type d -exec chmod a+rwx {} +

    export AIRSTORE_BUILD=$directory AIRSTORE_ALLOCATIONS=50
    say "Testing unit …"
    meson test -C "$directory" --no-rebuild --quiet >&2 || status=1
    for suite in $COVERED; do
        say "Testing $suite …"
        # This build is not one that is hardened; and gcov crashes when it finds no memory at the end.
        "$VENV/bin/python" -m pytest -c tests/pytest.ini --rootdir tests -p no:cacheprovider \
            --ignore tests/security/test_hardening.py \
            --deselect security/test_out_of_memory.py::test_each_allocation_of_the_command_line \
            --numprocesses "$(($(nproc) * 2))" --quiet "tests/$suite" >&2 || status=1
    done
    ((status == 0)) || say "Not all tests passed: the figures are lower than they could be."
    # Programs that end at the same moment can leave a count that is negative.
    gcovr --gcov-ignore-parse-errors --root . --filter lib/ --filter daemon/ --exclude lib/examples/ --exclude-unreachable-branches \
        --json-summary "$directory/summary.json" --txt "$directory/lines.txt" "$directory" >&2
    python3 dev.d/lib/coverage.py "$directory/summary.json" "$directory/lines.txt" tests/coverage.md
}
