#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests. Works as root and as a user with sudo; a second run takes seconds to
# begin testing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
echo "== packages"; scripts/install-deps.sh
echo "== build"; scripts/dev build
echo "== tests"; scripts/dev test
