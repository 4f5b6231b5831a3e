#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests. Works as root and as a user with sudo; a second run takes seconds to
# begin testing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
echo "== packages"; scripts/install-deps.sh
# With tests, also where the quickstart has built without; a folder at a time, which is sooner done, where nothing is built yet.
options=(-DFLOWSPAN_TESTS=ON)
[ -f "${BUILD:-build}/build.ninja" ] || options+=(-DFLOWSPAN_UNITY=ON)
echo "== build"; scripts/dev build "${options[@]}"
echo "== tests"; scripts/dev test
