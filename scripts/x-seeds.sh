#!/usr/bin/env bash
# x-seeds.sh [COUNT] [FOLDER]: the RTL's unit, core and top benches (4x4, built in FOLDER, default build) once with registers
# and memories that begin with zeros and COUNT times (default 3) with random values, other ones each time. All must pass
# whatever the values: what the accelerator does is compared with models, to the bit and to the cycle. A usual run of the tests
# has the random values of seed 1.
set -euo pipefail
count=${1:-3} build=${2:-$(dirname "$0")/../build}
case $count in '' | *[!0-9]*) echo "x-seeds.sh: '$count' is no number of seeds; give one from 1" >&2; exit 2 ;; esac
failed=0
for program in unit_test_4 core_test_4 top_test_4; do
  if [ ! -x "$build/$program" ]; then
    echo "x-seeds.sh: no $build/$program; cmake --build $build --target $program" >&2
    exit 2
  fi
  for ((seed = 0; seed <= count; seed++)); do
    if TETRA_X_SEED=$seed "$build/$program" --gtest_brief=1 >"$build/x-seeds.out" 2>&1; then
      echo "$program, seed $seed: passes"
    else
      tail -n 20 "$build/x-seeds.out" >&2
      echo "$program, seed $seed: FAILS; TETRA_X_SEED=$seed $build/$program" >&2
      failed=1
    fi
  done
done
exit $failed
