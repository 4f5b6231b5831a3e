# What tests on a real Slurm share: a cluster of two nodes in a folder of its own, in which they stand; checks.
# Sourced with `here`, the folder of these tests; FLOWSPAN is the program to test.

skip() { echo "SKIPPED: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "starting Slurm's daemons needs root"
for program in munged slurmctld slurmd sbatch srun scancel mpirun unshare; do
    PATH=$PATH:/usr/sbin:/sbin command -v $program > /dev/null || skip "$program is not installed (apt-get install slurm-wlm munge openmpi-bin)"
done
unshare --uts true 2> /dev/null || skip "this machine does not let root make a host name of its own (unshare --uts)"
PATH=$PATH:/usr/sbin:/sbin
[ -x "${FLOWSPAN:-}" ] || { echo "FLOWSPAN: expected the path of the program, got \`${FLOWSPAN:-}\`" >&2; exit 2; }

folder=$(mktemp -d /tmp/flowspan-slurm-XXXXXX)
trap '"$here/cluster" stop "$folder/cluster"; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
chmod 755 "$folder"  # munged wants to be reached by all
mkdir "$folder/cluster"
"$here/cluster" start "$folder/cluster" || { tail -n 5 "$folder"/cluster/*.log >&2; exit 1; }
export FLOWSPAN SLURM_CONF=$folder/cluster/slurm.conf
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
cd "$folder"

failed=0
# check WHAT TEXT COMMAND…: the command succeeds; else WHAT is said, with the log TEXT.
check() {
    local what=$1 log=$2
    shift 2
    "$@" && { echo "ok: $what"; return; }
    failed=1
    echo "FAILED: $what" >&2
    [ -f "$log" ] && head -n 20 "$log" | sed "s/^/    /" >&2
}
equal() { [ "$1" = "$2" ] || { echo "expected $1, got $2" >&2; false; }; }
# The files that a run leaves in a folder, its lock aside.
files() { find "$1" -type f ! -name .flowspan.lock -printf '%P\n' | sort | tr '\n' ' '; }
wait_for() {
    local try
    for ((try = 0; try < 100; ++try)); do
        compgen -G "$1" > /dev/null && return
        sleep 0.1
    done
    echo "expected $1 within 10 s" >&2
    return 1
}
