#!/usr/bin/env bash
# Installs every package that building, testing and running flowspan needs, from Debian (12 or later) and nowhere else.
# Run by scripts/quickstart.sh and scripts/test.sh; does nothing when all is there. Uses sudo when you are not root.
#   scripts/install-deps.sh            all of it
#   scripts/install-deps.sh --runtime  only what a machine needs that runs flowspan under Slurm or mpirun
set -euo pipefail

build=(
  g++ cmake ninja-build ccache pkg-config git       # tools
  libopenmpi-dev openmpi-bin                        # MPI
  libboost-mpi-dev libboost-serialization-dev       # structured control messages at start-up
  libboost-context-dev                              # threads of emulated devices, in tests
  libhdf5-dev libpng-dev libsndfile1-dev            # products: HDF5, PNG; WAV files as the tests see them, FLAC and Ogg
  libgd-dev fonts-dejavu-core                       # text and lines in pictures (fixed letters compiled in; a scalable font)
  libssl-dev libxxhash-dev                          # SHA-512 and XXH3 of recordings and products
  libarchive-dev                                    # SigMF archives
  libexpat1-dev                                     # XML in WAV files
  libfftw3-dev libhwy-dev libvolk2-dev              # kernels
  libcli11-dev libyaml-cpp-dev nlohmann-json3-dev   # command line, graph files, JSON
  libfmt-dev                                        # text
  libgraphviz-dev                                   # flowspan draw
  libgtest-dev libgmock-dev libbenchmark-dev        # tests and benchmarks
  libvalijson-dev                                   # the schema of reports, in tests
)
test=(
  slurm-wlm munge                                   # tests/slurm starts its own cluster
  iproute2 util-linux procps hdf5-tools             # tests of lost ranks and of products
  clang-format clang-tidy                           # scripts/dev format, lint
)
runtime=(openmpi-bin libvolk2.5 fonts-dejavu-core)

wanted=("${build[@]}" "${test[@]}")
[ "${1:-}" = "--runtime" ] && wanted=("${runtime[@]}")

missing=()
for package in "${wanted[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install-deps: expected root or sudo to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "install-deps: installing ${#missing[@]} packages: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}" >/dev/null
