#!/usr/bin/env bash
# install_test.sh BUILD SCRATCH [static|shared|both]: what an installation is good for. Installs the build in BUILD into SCRATCH, moves
# it, and has the project in outside/ find it there by find_package and by pkg-config; then builds that project with Tetra's
# sources inside, by FetchContent. With an argument, does the same for the libraries built so (minutes), by add_subdirectory, too.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
mkdir -p "$2"
scratch=$(cd "$2" && pwd)
shift 2

# Inside another project these are that project's folders.
if grep -rnE --include=CMakeLists.txt --include='*.cmake' 'CMAKE_(SOURCE|BINARY)_DIR' "$source"/{CMakeLists.txt,cmake,cmodel,driver,equiv,import,quantize,sim,tests,train}; then
  echo "install_test: tetra_SOURCE_DIR and tetra_BINARY_DIR stay Tetra's" >&2
  exit 1
fi

# Runs a command quietly; what it said is shown only if it fails.
quiet() { "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; echo "install_test: failed: $*" >&2; exit 1; }; }

# outside NAME CMAKE-ARGUMENTS...: the outside project as a Debug build, and what its program says.
outside() {
  local dir=$scratch/$1
  rm -rf "$dir"
  quiet cmake -S "$here/outside" -B "$dir" -DCMAKE_BUILD_TYPE=Debug -DWANTED_BUILD_TYPE=Debug "${@:2}"
  quiet cmake --build "$dir" -j "${JOBS:-2}" --target layer
  echo "$1: $("$dir/layer")"
  if [ "$2" = -DHOW=package ]; then
    quiet cmake --build "$dir" --target everything
    quiet "$dir/everything"
  fi
}

# The program, its completion, and its manual page if help2man was there to make one.
check_program() {
  quiet "$1/bin/tetra" --version
  local found
  found=$(bash -c '. "$1/share/bash-completion/completions/tetra"; COMP_WORDS=("$1/bin/tetra" quantize --calib); COMP_CWORD=2; _tetra
                   echo "${COMPREPLY[@]}"' _ "$1")
  [ "$found" = --calibrate ] || { echo "install_test: completion of 'tetra quantize --calib' is '$found'" >&2; exit 1; }
  if command -v help2man >/dev/null; then quiet grep -q -e '--precision\|precision' "$1/share/man/man1/tetra.1"; quiet grep -q calibrate "$1/share/man/man1/tetra-quantize.1"; fi
}

# by_installation KIND: an installation in $scratch/moved, which is not where it was put.
by_installation() {
  rm -rf "$scratch/put" "$scratch/moved"
  quiet cmake --install "$2" --prefix "$scratch/put"
  mv "$scratch/put" "$scratch/moved"
  outside "$1-package" -DHOW=package -DCMAKE_PREFIX_PATH="$scratch/moved"
  local pc
  pc=$(dirname "$(find "$scratch/moved" -name tetra.pc)")
  export PKG_CONFIG_PATH=$pc
  # shellcheck disable=SC2046
  quiet "${CC:-cc}" -o "$scratch/layer" "$here/outside/layer.c" $(pkg-config --cflags --libs tetra)
  echo "$1-pkg-config: $(LD_LIBRARY_PATH=$(dirname "$pc") "$scratch/layer")"
  # shellcheck disable=SC2046
  quiet "${CC:-cc}" -o "$scratch/everything" "$here/outside/everything.c" $(pkg-config --cflags --libs tetra)
  LD_LIBRARY_PATH=$(dirname "$pc") quiet "$scratch/everything"
  local rtl
  rtl=$(pkg-config --variable=rtldir tetra)
  [ -f "$rtl/tetra_top.sv" ] || { echo "install_test: no RTL in '$rtl'" >&2; exit 1; }
  if [ -x "$scratch/moved/bin/tetra" ]; then check_program "$scratch/moved"; fi
}

if [ $# -eq 0 ]; then
  by_installation build "$build"
  outside fetch -DHOW=fetch -DTETRA_SOURCE="$source" -DTETRA_SHARED=ON
  exit 0
fi
for kind in static shared; do
  case $1 in "$kind" | both) ;; *) continue ;; esac
  shared=OFF
  [ "$kind" = static ] || shared=ON
  quiet cmake -S "$source" -B "$scratch/$kind" -DTETRA_SHARED=$shared -DTETRA_TESTS=OFF -DTETRA_SIM="${TETRA_SIM:-ON}"
  quiet cmake --build "$scratch/$kind" -j "${JOBS:-2}"
  by_installation "$kind" "$scratch/$kind"
  outside "$kind-subdirectory" -DHOW=subdirectory -DTETRA_SOURCE="$source" -DBUILD_SHARED_LIBS=$shared
  outside "$kind-fetch" -DHOW=fetch -DTETRA_SOURCE="$source" -DBUILD_SHARED_LIBS=$shared
done
