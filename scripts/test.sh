#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests. Works as root and as a user with sudo; a second run takes seconds to
# begin testing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
echo "== packages"; scripts/install-deps.sh
# (with tests, also where the quickstart has built without)
echo "== build"; scripts/dev build -DFLOWSPAN_TESTS=ON -DFLOWSPAN_UNITY=OFF
echo "== tests"; scripts/dev test
