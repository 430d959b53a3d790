#!/usr/bin/env bash
# fuzz-accelerator.sh LAYERS FOLDER: random networks of so many layers, on arrays of 4 to 32, memories and buses that are random
# too, then a program of random commands for every 40 layers on arrays of 4, 8 and 16 each, a third of them with flipped bits.
# Builds what it needs in FOLDER ($JOBS jobs). The seeds are from the clock and printed; of a case that fails it prints a small
# form, and how to run that again. Exit code 0: all good; 1: a case failed; 2: wrong arguments, or it cannot be built.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in
  '' | *[!0-9]*) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
layers=$1 folder=${2:-build-fuzz}
arrays='4 8 16'
targets=(fuzz_layers)
for n in $arrays; do targets+=("fuzz_commands_$n"); done
cmake -S . -B "$folder" -DTETRA_ARRAYS='4;8;16;32' -DTETRA_TEST_ARRAYS="${arrays// /;}" -DTETRA_TESTS=ON >/dev/null || exit 2
cmake --build "$folder" -j "${JOBS:-$(nproc)}" --target "${targets[@]}" || exit 2
"$folder/fuzz_layers" --work "$layers"
for n in $arrays; do "$folder/fuzz_commands_$n" --work $((layers / 40 + 1)); done
