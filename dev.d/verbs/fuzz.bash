# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ./dev fuzz [SECONDS] [TARGET…]
#     Throw bytes at every parser for 60 seconds each (unless you say otherwise), as many at a time
#     as there are processors. Says what was run and found; tests/fuzz/README.md says what to do then.

FUZZ=$BUILD/fuzz

verb_fuzz() {
    local seconds=60 target targets=() unknown

    if [[ ${1-} =~ ^[0-9]+$ ]]; then
        seconds=$1
        shift
    fi
    for target in tests/fuzz/*-fuzz.c; do
        target=${target##*/}
        targets+=("${target%-fuzz.c}")
    done
    for unknown; do
        [[ " ${targets[*]} " == *" $unknown "* ]] ||
            die "There is no fuzz target '$unknown'. There are: ${targets[*]}"
    done
    (($# == 0)) || targets=("$@")

    need build fuzz
    CC=clang configure "$FUZZ" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
    compile "$FUZZ" fuzz
    fuzz_all "$seconds" "${targets[@]}"
    fuzz_summary "${targets[@]}"
}

# fuzz_all SECONDS TARGET…: runs them side by side.
fuzz_all() {
    local target running=0

    trap 'kill $(jobs -p) 2>/dev/null || true' EXIT # they do not hear a Ctrl-C
    export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    for target in "${@:2}"; do
        if ((running == $(nproc))); then
            wait -n || true
            running=$((running - 1))
        fi
        say "Fuzzing $target for $1 s …"
        fuzz_one "$1" "$target" &
        running=$((running + 1))
    done
    wait || true
}

# fuzz_one SECONDS TARGET: what it has learned is kept for the next time, what it has found as well.
fuzz_one() {
    local place=$FUZZ/runs/$2 dictionary=()

    mkdir -p -- "$place/corpus" "$place/found"
    [[ ! -f tests/fuzz/$2.dict ]] || dictionary=(-dict="tests/fuzz/$2.dict")
    exec "$FUZZ/tests/fuzz/$2-fuzz" -max_total_time="$1" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        "${dictionary[@]}" -artifact_prefix="$place/found/" \
        "$place/corpus" "tests/fuzz/corpus/$2" >"$place/log" 2>&1
}

# fuzz_summary TARGET…: a line each, then how to see again what was found.
fuzz_summary() {
    local target place executions edges features corpus file files found=() broken=()

    printf '%-12s %12s %8s %9s %7s %6s\n' target executions edges features corpus found
    for target; do
        place=$FUZZ/runs/$target
        executions=$(awk '/^stat::number_of_executed_units/ { print $2 }' "$place/log")
        [[ -n $executions ]] || broken+=("$place/log")
        # The last line of its progress: "#123 DONE cov: 12 ft: 34 corp: 5/67b …"
        read -r edges features corpus < <(grep -a 'cov: .* corp: ' "$place/log" | tail -n 1 |
            sed -E 's|.*cov: ([0-9]+) ft: ([0-9]+) corp: ([0-9]+)/.*|\1 \2 \3|') || true
        mapfile -t files < <(find "$place/found" -type f | sort)
        found+=("${files[@]}")
        printf '%-12s %12s %8s %9s %7s %6s\n' "$target" "${executions:-0}" "${edges:-0}" \
            "${features:-0}" "${corpus:-0}" "${#files[@]}"
    done
    ((${#broken[@]} == 0)) || die "Not all of them could run; see ${broken[*]#"$PWD/"}"
    ((${#found[@]} > 0)) || return 0

    say "Found; to see each again:"
    for file in "${found[@]}"; do
        target=${file#"$FUZZ/runs/"}
        target=${target%%/*}
        say "  ${FUZZ#"$PWD/"}/tests/fuzz/$target-fuzz ${file#"$PWD/"}"
    done
    die "Something was found; tests/fuzz/README.md says how to go on."
}
