#!/usr/bin/env bash
# Installs the packages that flowspan needs, from Debian (12 or later) and nowhere else: those that are missing. Uses sudo when
# you are not root.
#   scripts/install-deps.sh             all of it: to build, to test, to work on it
#   scripts/install-deps.sh --build     to build the program and to run it
#   scripts/install-deps.sh --runtime   to run and to draw with a flowspan that is installed, on one machine or under Slurm
#   scripts/install-deps.sh --list …    says what that is, a package a line, and installs nothing; --missing: what of it is not there
# Several may be given.
set -euo pipefail

tools=(g++ cmake ninja-build pkg-config)            # with what the program is built
libraries=(
  libopenmpi-dev openmpi-bin                        # MPI
  libboost-mpi-dev libboost-serialization-dev       # structured control messages at start-up
  libhdf5-dev libpng-dev libsndfile1-dev            # products: HDF5, PNG; FLAC and Ogg
  libgd-dev fonts-dejavu-core                       # text and lines in pictures (fixed letters compiled in; a scalable font)
  libssl-dev libxxhash-dev                          # SHA-512 and XXH3 of recordings and products
  libarchive-dev                                    # SigMF archives
  libexpat1-dev                                     # XML in WAV files
  libfftw3-dev libhwy-dev libvolk2-dev              # kernels
  libcli11-dev libyaml-cpp-dev nlohmann-json3-dev   # command line, graph files, JSON
  libfmt-dev                                        # text
  libgraphviz-dev                                   # flowspan draw
)
# What the program and its library are linked to, and what they load when something is drawn. `a|b`: the one that apt has.
runtime=(
  openmpi-bin 'libopenmpi40|libopenmpi3'
  'libboost-mpi1.83.0|libboost-mpi1.74.0' 'libboost-serialization1.83.0|libboost-serialization1.74.0'
  'libhdf5-310|libhdf5-103-1' 'libhdf5-hl-310|libhdf5-hl-100' libsndfile1 libgd3 fonts-dejavu-core
  libssl3 libxxhash0 libarchive13 libexpat1
  libfftw3-single3 libhwy1 'libvolk3.2|libvolk2.5'
  'libyaml-cpp0.8|libyaml-cpp0.7' 'libfmt10|libfmt9' 'libgvc6|libgvc7' libgcc-s1 libstdc++6
)
testing=(
  libgtest-dev libgmock-dev libbenchmark-dev        # tests and benchmarks
  libboost-context-dev                              # threads of emulated devices
  libvalijson-dev                                   # the schema of reports
  slurm-wlm munge                                   # tests/slurm starts its own cluster
  iproute2 util-linux procps hdf5-tools python3     # tests of lost ranks and of products
  ccache git clang-format clang-tidy                # scripts/dev
)

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

wanted=() show='' all=yes
for option in "$@"; do
  case $option in
    --build) wanted+=("${tools[@]}" "${libraries[@]}"); all='' ;;
    --runtime) wanted+=("${runtime[@]}"); all='' ;;
    --list | --missing) show=$option ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \?//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "install-deps: expected --build, --runtime, --list or --missing, got $option" >&2; exit 2 ;;
  esac
done
[ -z "$all" ] || wanted=("${tools[@]}" "${libraries[@]}" "${testing[@]}")

# chosen WANTED…: a package each; of `a|b` the one that is installed, else the first that apt knows.
chosen() {
  local entry package packages
  for entry in "$@"; do
    IFS='|' read -ra packages <<<"$entry"
    for package in "${packages[@]}"; do is_installed "$package" && { echo "$package"; continue 2; }; done
    for package in "${packages[@]}"; do
      if [ ${#packages[@]} -eq 1 ] || [ -n "$(apt-cache show "$package" 2>/dev/null)" ]; then echo "$package"; continue 2; fi
    done
    echo "${packages[-1]}"
  done | sort -u
}
missing() { for package in $(chosen "${wanted[@]}"); do is_installed "$package" || echo "$package"; done; }

case $show in
  --list) chosen "${wanted[@]}"; exit 0 ;;
  --missing) missing; exit 0 ;;
esac
[ -n "$(missing)" ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install-deps: expected root or sudo to install: $(missing | tr '\n' ' ')" >&2; exit 1; }
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -qq update
mapfile -t packages < <(missing)
echo "install-deps: installing ${#packages[@]} packages: ${packages[*]}" >&2
"${as_root[@]}" apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${packages[@]}" >/dev/null
