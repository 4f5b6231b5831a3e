#!/bin/bash
# Submits a run or a batch to Slurm: fills in slurm/run.sbatch or slurm/batch.sbatch.
#   scripts/submit.sh [OPTION of sbatch...] -- run GRAPH [OPTION...]
#   scripts/submit.sh [OPTION of sbatch...] -- batch GRAPH RECORDING... --out OUT [OPTION...]
#   scripts/submit.sh -N 2 -n 16 -t 2:00:00 -- batch fm.yaml recordings/ --out products
#   scripts/submit.sh --array 8 -n 4 -- batch fm.yaml recordings/ --out products       eight jobs share the recordings
# Of its own: --array N; --image FILE (an Apptainer image that holds flowspan); --print (the script, and no job).
# FLOWSPAN names the program (default: build/flowspan of this checkout where it is there, else the one on PATH).
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

refuse() { echo "submit.sh: $*" >&2; exit 2; }
sbatch=() image='' print=''
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    case $1 in
        -h | --help) sed -n '2,/^set/{/^#/s/^# \?//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
        --array) [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || refuse "--array: expected a number of parts, got \`${2:-}\`"
            sbatch+=("--array=1-$2"); shift ;;
        --image) [ -f "${2:-}" ] || refuse "--image: expected a file, got \`${2:-}\`"
            image=$(realpath "$2"); shift ;;
        --print) print=yes ;;
        *) sbatch+=("$1") ;;
    esac
    shift
done
[ "${1:-}" = -- ] || refuse "expected -- run GRAPH ... or -- batch GRAPH RECORDING ... behind sbatch's own options"
shift
command=${1:-}
case $command in
    run | batch) shift ;;
    *) refuse "expected run or batch behind --, got \`$command\`" ;;
esac
[ $# -gt 0 ] || refuse "expected a graph behind $command"
[ "$command" = batch ] || [[ " ${sbatch[*]} " != *" --array=1-"* ]] || refuse "--array is for batches"

program=${FLOWSPAN:-$here/build/flowspan}
[ -n "$image" ] && program=${FLOWSPAN:-flowspan}
[ -n "$image" ] || [ -x "$program" ] || program=$(command -v flowspan) || refuse "there is no flowspan here: build it, or set FLOWSPAN"

# The signal comes a minute before --grace begins to run out: Slurm may be a minute early.
grace=30
for ((k = 1; k <= $#; ++k)); do
    case ${!k} in
        --grace=*) grace=${!k#--grace=} ;;
        --grace) next=$((k + 1)); grace=${!next:-} ;;
    esac
done
[[ $grace =~ ^[0-9]+(\.[0-9]*)?$ ]] || refuse "--grace: expected seconds, got \`$grace\`"

# fill TEMPLATE ARGUMENT...: with what was asked for, so that the script by itself says what it does.
fill() {
    local template=$1 line option filled=''
    shift
    while IFS= read -r line; do
        if [[ $line == '#SBATCH --signal='* ]]; then line="#SBATCH --signal=B:USR1@$((${grace%.*} + 60))"; fi
        if [ -z "$filled" ] && [[ $line != '#'* ]]; then  # behind the directives
            for option in "${sbatch_lines[@]}"; do echo "#SBATCH $option"; done
            printf 'export FLOWSPAN=%q%s\n' "$program" "${image:+ IMAGE=$(printf %q "$image")}"
            printf 'set --'; printf ' %q' "$@"; echo
            filled=yes
        fi
        printf '%s\n' "$line"
    done < "$template"
}

# An option and its value on one line: sbatch reads directives so.
sbatch_lines=()
for ((k = 0; k < ${#sbatch[@]}; ++k)); do
    line=$(printf %q "${sbatch[k]}")
    if [[ ${sbatch[k]} == -* && ${sbatch[k]} != *=* && $((k + 1)) -lt ${#sbatch[@]} && ${sbatch[k + 1]} != -* ]]; then
        ((++k))
        line+=" $(printf %q "${sbatch[k]}")"
    fi
    sbatch_lines+=("$line")
done

script=$(fill "$here/slurm/$command.sbatch" "$@")
if [ -n "$print" ]; then
    printf '%s\n' "$script"
else
    printf '%s\n' "$script" | sbatch
fi
