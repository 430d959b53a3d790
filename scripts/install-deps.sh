#!/usr/bin/env bash
# install-deps.sh [--dev] [--firmware] [--sweep] [--slurm] [--silicon] [--fpga] [--coverage] [--list]: installs the Debian or Ubuntu packages that Tetra needs; does nothing when all are there.
#   --dev   also what `make check`, `make lint`, `make synth` and `make mutate` use
#   --firmware  also what the firmware, and the processor that runs it in the virtual platform, are built with
#   --sweep  also what `./sim sweep` keeps its answers in (SQLite), and several machines work by (MPI)
#   --slurm  also a Slurm of one node, for tests/sim/commands/sweep/slurm.sh
#   --silicon  also what `make silicon` maps, times and simulates the design with
#   --fpga  also what `make fpga` maps with; where the system has no nextpnr-ecp5, its place is taken by PyPI's
#   --coverage  also what `make coverage` makes its report with
#   --list  only prints the packages, one a line
# Uses sudo only when not root. On a system it does not know it names the packages and stops with exit code 1.
set -euo pipefail

min_verilator=5.006

# PACKAGE, or PACKAGE:COMMAND where any installation of COMMAND will do.
build=(verilator:verilator g++:g++ gcc:gcc clang:clang++ make:make cmake:cmake ninja-build:ninja pkg-config:pkg-config
       libgtest-dev libgmock-dev libopenblas-dev libsystemc-dev libcjson-dev libjpeg-dev libpng-dev zlib1g-dev libzip-dev
       libonnx-dev libprotobuf-c-dev protobuf-compiler:protoc protobuf-c-compiler:protoc-gen-c
       libflatbuffers-dev flatbuffers-compiler:flatc)
dev=(clang-format:clang-format clang-tidy:clang-tidy cppcheck:cppcheck shellcheck:shellcheck iverilog:iverilog
     libclang-rt-dev
     doxygen:doxygen help2man:help2man python3-jsonschema python3-pil python3-venv valgrind:valgrind gnuplot-nox:gnuplot)

sweep=(libsqlite3-dev libopenmpi-dev openmpi-bin:mpirun)
dev+=("${sweep[@]}")
slurm=("${sweep[@]}" slurm-wlm:slurmctld munge:munged)

fpga=(yosys:yosys python3-venv)
silicon=(yosys:yosys opensta:sta qflow-tech-osu018 iverilog:iverilog)

coverage=(gcovr:gcovr lcov:genhtml)

firmware=(libunicorn-dev gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf gcc-arm-none-eabi picolibc-arm-none-eabi)

want=("${build[@]}")
list=no
for arg in "$@"; do
  case $arg in
    --dev) want+=("${dev[@]}") ;;
    --firmware) want+=("${firmware[@]}") ;;
    --sweep) want+=("${sweep[@]}") ;;
    --slurm) want+=("${slurm[@]}") ;;
    --coverage) want+=("${coverage[@]}") ;;
    --silicon) want+=("${silicon[@]}") ;;
    --fpga) want+=("${fpga[@]}") ;;
    --list) list=yes ;;
    -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "install-deps.sh: unknown option '$arg'; accepted: --dev, --firmware, --sweep, --slurm, --silicon, --fpga, --coverage, --list, --help" >&2; exit 2 ;;
  esac
done
if [ $list = yes ]; then printf '%s\n' "${want[@]%%:*}"; exit 0; fi

# One dpkg-query for all; empty where the system has no dpkg. A name that dpkg does not know is only a missing package.
installed() {
  command -v dpkg-query >/dev/null || return 0
  dpkg-query -W -f='${db:Status-Status} ${binary:Package}\n' "${want[@]%%:*}" 2>/dev/null |
    sed -n 's/^installed \([^:]*\).*/\1/p' || true
}

missing_packages() {
  local have item package
  have=" $(installed | tr '\n' ' ') "
  for item in "${want[@]}"; do
    package=${item%%:*}
    case $have in *" $package "*) continue ;; esac
    case $item in *:*) command -v "${item#*:}" >/dev/null && continue ;; esac
    echo "$package"
  done
}

# "debian 12" and up, "ubuntu 24.04" and up; Debian testing and unstable have no VERSION_ID.
known_system() {
  [ -r /etc/os-release ] && command -v apt-get >/dev/null || return 1
  local id version
  # shellcheck source=/dev/null
  id=$(. /etc/os-release && echo "${ID:-}")
  # shellcheck source=/dev/null
  version=$(. /etc/os-release && echo "${VERSION_ID:-9999}")
  case $id in
    debian) [ "${version%%.*}" -ge 12 ] ;;
    ubuntu) [ "${version%%.*}" -ge 24 ] ;;
    *) return 1 ;;
  esac
}

check_verilator() {
  local version
  version=$(verilator --version 2>/dev/null | sed -n 's/^Verilator \([0-9.]*\).*/\1/p')
  if [ "$(printf '%s\n' "$min_verilator" "${version:-0}" | sort -V | head -n 1)" != "$min_verilator" ]; then
    echo "install-deps.sh: Verilator ${version:-(none)} at $(command -v verilator || echo '-'), need $min_verilator or newer" >&2
    exit 1
  fi
}

mapfile -t missing < <(missing_packages)
if [ ${#missing[@]} -gt 0 ]; then
  if ! known_system; then
    echo "install-deps.sh: this is no system of docs/supported.md; please install: ${missing[*]}" >&2
    exit 1
  fi
  sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "install-deps.sh: neither root nor sudo; as root: apt-get install ${missing[*]}" >&2; exit 1; }
    sudo=(sudo)
  fi
  echo "Installing with apt-get: ${missing[*]}"
  "${sudo[@]}" apt-get update -q
  # A newer Clang than the system's own makes faster simulations (docs/performance.md); where there is one it comes along.
  for clang in clang-22 clang-16; do
    if apt-cache show "$clang" >/dev/null 2>&1; then
      missing+=("$clang")
      break
    fi
  done
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi
check_verilator
