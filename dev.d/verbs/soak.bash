# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev soak [--kills N] [--seed N]
#     Kill the daemon 3000 times (unless you say otherwise) while people connect accounts, and see
#     whether anything is lost. Takes some minutes; the same seed throws the same dice again.

verb_soak() {
    need build run
    build_plain daemon/airstore-oauthd daemon/airstore-oauth-desktop tests/sandbox/airstore-sandbox
    AIRSTORE_BUILD=$BUILD python3 tests/soak/driver.py "$@"
}
