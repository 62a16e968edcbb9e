# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev run [-- ARGS]
#     Build, start a stand-in for Airstore and the daemon in private directories, and connect a Gmail
#     account: in your browser where there is a display, else by walking through the consent page
#     over HTTP. The last line is the connection ID. With ARGS: run “airstore-oauth ARGS” there
#     instead, as in ./dev run -- status --json

# What is running and has to be stopped, whatever happens.
PRIVATE=
SANDBOX=
DAEMON=
CLIENT=
RUN_TARGETS=(daemon/airstore-oauthd daemon/airstore-oauth-desktop cli/airstore-oauth tests/sandbox/airstore-sandbox)

verb_run() {
    local arguments=(connect gmail) status=0

    if (($# > 0)); then
        [[ $1 == -- && $# -gt 1 ]] || die "Arguments for airstore-oauth come behind --, as in: ./dev run -- status"
        arguments=("${@:2}")
    fi
    need build run
    build_plain "${RUN_TARGETS[@]}"
    start_everything

    # Ctrl-C reaches the client by itself; bash would have it ignore that, being in the background.
    env --default-signal=INT,QUIT "$BUILD/cli/airstore-oauth" "${arguments[@]}" <&0 &
    CLIENT=$!
    wait "$CLIENT" || status=$?
    CLIENT=
    if (($# == 0)) && [[ ! $status =~ ^[034]$ ]]; then # connected, denied, or too late
        say "That should not have happened. What the daemon said:"
        tail -n 20 -- "$PRIVATE/daemon.log" >&2
    fi
    exit "$status"
}

start_everything() {
    trap stop_everything EXIT
    trap 'interrupted 129' HUP
    trap 'interrupted 130' INT
    trap 'interrupted 143' TERM
    PRIVATE=$(mktemp -d "${TMPDIR:-/tmp}/airstore-run.XXXXXXXX")

    start_sandbox
    choose_browser
    start_daemon
}

start_sandbox() {
    local line=

    export AIRSTORE_API_KEY=tok_made_up_for_dev_run
    exec 3< <(exec "$BUILD/tests/sandbox/airstore-sandbox" --port 0 --api-key "$AIRSTORE_API_KEY" \
        2>"$PRIVATE/sandbox.log")
    SANDBOX=$!
    IFS= read -r -t 20 -u 3 line || true
    if [[ $line != "listening on "* ]]; then
        cat -- "$PRIVATE/sandbox.log" >&2
        die "The stand-in for Airstore did not start; what it said stands above."
    fi
    export AIRSTORE_BASE_URL=${line#listening on }
    say "A stand-in for Airstore listens on $AIRSTORE_BASE_URL."
}

choose_browser() {
    if [[ -n ${DISPLAY-} || -n ${WAYLAND_DISPLAY-} ]]; then
        say "Your browser will open on the consent page of the stand-in: press Approve there."
    else
        say "There is no display, so a program walks through the consent page over HTTP, in the place of a browser."
        export BROWSER=$PWD/tests/e2e/walk-consent
        # With a display these stay the person's own, or their browser would not find its profile.
        export XDG_CONFIG_HOME=$PRIVATE/config XDG_RUNTIME_DIR=$PRIVATE
    fi
}

start_daemon() {
    local status attempt

    export AIRSTORE_OAUTHD_ADDRESS=unix:$PRIVATE/socket STATE_DIRECTORY=$PRIVATE/state
    unset AIRSTORE_WORKSPACE_ID LISTEN_FDS LISTEN_PID LISTEN_FDNAMES NOTIFY_SOCKET
    mkdir -m 0700 -- "$STATE_DIRECTORY"
    "$BUILD/daemon/airstore-oauthd" 2>"$PRIVATE/daemon.log" 3<&- </dev/null &
    DAEMON=$!

    # It is ready once it answers; 6 says that nobody does.
    for ((attempt = 0; attempt < 400; attempt++)); do
        status=0
        "$BUILD/cli/airstore-oauth" status >/dev/null 2>&1 || status=$?
        ((status == 6)) || return 0
        kill -0 "$DAEMON" 2>/dev/null || break
        read -r -t 0.05 <> <(:) || true
    done
    cat -- "$PRIVATE/daemon.log" >&2
    die "The daemon did not start; what it said stands above."
}

# interrupted STATUS: the client is told, and has the time to take back what it began.
interrupted() {
    if [[ -n $CLIENT ]]; then
        kill -INT "$CLIENT" 2>/dev/null || true
        wait "$CLIENT" || true
        CLIENT=
    fi
    exit "$1"
}

stop_everything() {
    local status=$? process

    trap - EXIT
    trap '' HUP INT TERM
    for process in $CLIENT $DAEMON $SANDBOX; do
        kill -TERM "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    [[ -z $PRIVATE ]] || rm -rf -- "$PRIVATE"
    exit "$status"
}
