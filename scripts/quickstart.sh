#!/usr/bin/env bash
# From nothing to a picture: installs what is missing, builds flowspan, makes a wideband recording and surveys it on 4 ranks.
#   scripts/quickstart.sh [FOLDER]      results go to FOLDER (default: out)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${1:-out}
build=${BUILD:-build}
first=()

echo "== packages"
scripts/install-deps.sh --build
echo "== build (some minutes the first time)"
# What running needs: no tests (scripts/test.sh adds them), a folder of sources at a time.
[ -f "$build/build.ninja" ] || first=(-DFLOWSPAN_TESTS=OFF -DFLOWSPAN_UNITY=ON)
BUILD=$build TARGET=flowspan scripts/dev build "${first[@]}"
flowspan=$build/flowspan

echo "== a recording: eight stations, bursts and noise in 3.2 MHz around 100 MHz"
"$flowspan" run make-band -n 2 --out "$out/recording" --overwrite --quiet
"$flowspan" info "$out/recording/band.sigmf-meta"

echo "== the survey, on 4 ranks"
"$flowspan" run band-survey -n 4 --set recording="$out/recording/band.sigmf-meta" --out "$out/survey" --overwrite --report "$out/survey.json"

echo "== what was found"
bursts=$(wc -l <"$out/survey/bursts.jsonl")
echo "$bursts bursts, listed in $out/survey/bursts.sigmf-meta"
for wav in "$out"/survey/audio/*.wav; do echo "station: $wav"; done
echo "picture:  $out/survey/waterfall.png"
echo "spectrum: $out/survey/psd.h5"
echo "channel:  $(ls "$out"/survey/channel-*.sigmf-meta)"
echo "report:   $out/survey.json"
