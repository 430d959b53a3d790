#!/usr/bin/env bash
# pgo.sh [BUILD]: rebuilds the simulations of a configured build folder (default: build) with a profile of themselves, about
# a sixth faster than clang's without one. Needs clang++ and its llvm-profdata. The profile is taken from small networks on
# every array size of the folder, and goes stale with the RTL: run it again after a change; -DTETRA_VERILATED_FLAGS= ends it.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-build}" && pwd)
work=$build/pgo
# The newest clang whose llvm-profdata is there.
for clang in ${TETRA_CLANG:-clang++-22 clang++-19 clang++-16 clang++}; do
  profdata=llvm-profdata${clang##*clang++}
  if command -v "$clang" >/dev/null && command -v "$profdata" >/dev/null; then break; fi
done
for tool in "$clang" "$profdata"; do
  command -v "$tool" >/dev/null || { echo "pgo.sh: $tool is not installed (apt install clang llvm; or clang-22 llvm-22)" >&2; exit 2; }
done
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
arrays=$(cached TETRA_ARRAYS)
native=$(cached TETRA_NATIVE)

if ! { cmake -S "$root" -B "$work" -DTETRA_TESTS=OFF -DTETRA_ARRAYS="$arrays" -DTETRA_NATIVE="$native" \
  -DCMAKE_C_COMPILER="${clang/clang++/clang}" -DCMAKE_CXX_COMPILER="$clang" \
         -DTETRA_VERILATED_CXX="$clang" -DTETRA_VERILATED_FLAGS=-fprofile-instr-generate \
  -DCMAKE_EXE_LINKER_FLAGS=-fprofile-instr-generate &&
       cmake --build "$work" --target verilate -j "$(nproc)"; } >"$work.log" 2>&1; then
  echo "pgo.sh: the build with counters failed, see $work.log" >&2
  exit 2
fi
rm -f "$work"/*.profraw
for n in ${arrays//;/ }; do
  for precision in w8a8 w4a8 w4a4-init8-dense8; do
    LLVM_PROFILE_FILE=$work/$n-$precision.profraw \
      "$work/sim" resnet18 --width 0.25 --size 96 --precision $precision --array "$n" --quiet >"$work/run.txt" ||
      { echo "pgo.sh: the run for the profile failed, see $work/run.txt" >&2; exit 1; }
  done
done
# The name changes with the contents, so that every build tool sees that the command did.
"$profdata" merge -o "$work/new.profdata" "$work"/*.profraw
profile=$work/$(sha256sum "$work/new.profdata" | cut -c1-16).profdata
mv "$work/new.profdata" "$profile"
cmake -S "$root" -B "$build" -DTETRA_VERILATED_CXX="$clang" -DTETRA_VERILATED_FLAGS="-fprofile-instr-use=$profile" >/dev/null
cmake --build "$build" --target verilate -j "$(nproc)"
