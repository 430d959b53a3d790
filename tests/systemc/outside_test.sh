#!/usr/bin/env bash
# outside_test.sh BUILD SCRATCH: installs the TLM-2.0 component of the build, moves it, and has the project in outside/ find it
# by find_package(tetra) and by pkg-config and run a network through its own platform, with every engine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
rm -rf "$2"
mkdir -p "$2"
scratch=$(cd "$2" && pwd)

quiet() { "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; echo "outside_test: failed: $*" >&2; exit 1; }; }

quiet cmake --build "$build" --target tlm_package
for component in development libraries rtl tlm; do quiet cmake --install "$build" --prefix "$scratch/put" --component $component; done
mv "$scratch/put" "$scratch/moved"
quiet cmake -S "$here/outside" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/moved"
quiet cmake --build "$scratch/build"
for engine in rtl at lt; do SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1 "$scratch/build/platform" $engine; done
pc=$(dirname "$(find "$scratch/moved" -name tetra-tlm.pc)")
PKG_CONFIG_PATH=$pc pkg-config --exists tetra-tlm
[ -f "$(PKG_CONFIG_PATH=$pc pkg-config --variable=includedir tetra-tlm)/systemc/tetra_tlm.h" ]
