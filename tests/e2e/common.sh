# What the end-to-end scripts share. Sourced, after `set -u`; the executable under test is $FLOWSPAN.
# One check is one line on stdout, "ok …" or "FAILED …"; `end_of_checks` leaves with 0 or 1.

[ -x "${FLOWSPAN:-}" ] || { echo "FLOWSPAN must name the executable, e.g. FLOWSPAN=build/flowspan $0"; exit 2; }
FLOWSPAN=$(realpath "$FLOWSPAN")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/flowspan-e2e-XXXXXX")
failures=0
checks=0
job=

# mpirun started here, not by flowspan, as root in a container.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

slower=${FLOWSPAN_SLOWER:-1}  # sanitizers take their time

ok() { checks=$((checks + 1)); echo "ok $*"; }
fail() { checks=$((checks + 1)); failures=$((failures + 1)); echo "FAILED $*"; }
skipped() { echo "skipped $*"; }

# check CONDITION-COMMAND… -- SENTENCE: one line for one condition.
check() {
    local condition=()
    while [ "$1" != -- ]; do condition+=("$1"); shift; done
    shift
    if "${condition[@]}" >/dev/null 2>&1; then ok "$*"; else fail "$*"; fi
}

# Everything that a job has started is in a session of its own, so that nothing of it can be left behind.
end_session() { [ -n "$1" ] && pkill -KILL -s "$1" 2>/dev/null; return 0; }

# Seconds by a clock that nobody sets: a virtual machine that was paused sets the other one forward.
monotonic() {
    local up rest
    read -r up rest </proc/uptime
    echo "$up"
}

# begin COMMAND…: starts it; its output goes to $work/stdout and $work/stderr, its process id is $job.
begin() {
    started=$(monotonic)
    setsid "$@" >"$work/stdout" 2>"$work/stderr" </dev/null &
    job=$!
}

# finish SECONDS: waits for the job; sets $code (or `timeout`), $took in seconds and $last, the last line of stderr.
# where_it_hangs SESSION: its processes, and what they are in.
where_it_hangs() {
    local p
    ps -s "$1" -o pid,stat,wchan:24,etime,args
    for p in $(ps -s "$1" -o pid=); do
        cat /proc/"$p"/syscall /proc/"$p"/stack 2>/dev/null
        command -v gdb >/dev/null && timeout 30 gdb -p "$p" -batch -ex 'thread apply all backtrace' 2>/dev/null
    done
}
finish() {
    local deadline
    deadline=$(awk -v now="$(monotonic)" -v s=$(($1 * slower)) 'BEGIN { printf "%.2f", now + s }')
    code=
    while kill -0 "$job" 2>/dev/null; do
        if awk -v now="$(monotonic)" -v end="$deadline" 'BEGIN { exit !(now > end) }'; then
            code=timeout
            break
        fi
        sleep 0.05
    done
    [ "$code" = timeout ] && { where_it_hangs "$job" >"$work/hangs" 2>&1; end_session "$job"; }
    wait "$job" 2>/dev/null
    local status=$?
    [ "$code" = timeout ] || code=$status
    end_session "$job"
    job=
    took=$(awk -v a="$started" -v b="$(monotonic)" 'BEGIN { printf "%.1f", b - a }')
    # Open MPI may warn of descriptors, and of copies from a process that is gone, while a job that was aborted is taken down.
    last=$(tr '\r' '\n' <"$work/stderr" | grep -v '^[[:space:]]*$' | grep -v -e '^\[warn\] Epoll' -e '^\[.*\] Read -1, expected' | tail -n 1)
}

# within SECONDS COMMAND…: begin and finish.
within() {
    local seconds=$1
    shift
    begin "$@"
    finish "$seconds"
}

# processes: of the job. rank_process RANK: the one of a rank.
processes() { pgrep -s "$job" -f ' run '; }
rank_process() {
    local p
    for p in $(processes); do
        tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null | grep -qx "OMPI_COMM_WORLD_RANK=$1" && { echo "$p"; return; }
    done
    return 1
}

# products DIR: every file below DIR, sorted.
products() { (cd "$1" 2>/dev/null && find . -type f -printf '%P\n' | LC_ALL=C sort); }

# same_products DIR DIR: as many files under the same names, and the same bytes; else $difference says what.
same_products() {
    local a b name
    a=$(products "$1") b=$(products "$2")
    if [ "$a" != "$b" ]; then
        difference="products differ: $(diff <(echo "$a") <(echo "$b") | grep '^[<>]' | tr '\n' ' ')"
        return 1
    fi
    while IFS= read -r name; do
        [ -n "$name" ] || continue
        difference=$(cd "$work" && cmp "$1/$name" "$2/$name" 2>&1) || return 1
    done <<<"$a"
    difference=
}

end_of_checks() {
    echo "$((checks - failures)) of $checks checks hold"
    [ "$failures" -eq 0 ]
    exit
}

clean_up() {
    [ -n "$job" ] && end_session "$job"
    cd / && rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
