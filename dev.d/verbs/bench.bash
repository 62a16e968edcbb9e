# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev bench [--quick] [--json] [--plots DIRECTORY] [NAME…]
#     Measure how fast and how light it is, beside others: all benchmarks, or those you name. They are
#     listed by ./dev bench --help; tests/bench/README.md says how to read them. Takes some minutes, and
#     a machine that does nothing else.

verb_bench() {
    need build python bench node systemd
    build_plain
    python_packages
    node_packages tests/interop/sdk "$NPM/interop/sdk"
    AIRSTORE_BUILD=$BUILD AIRSTORE_SDK=$NPM/interop/sdk/node_modules/@airstore/sdk \
        "$VENV/bin/python" tests/bench/bench.py "$@"
}
