#!/usr/bin/env bash
# short.sh TARGET WORK: fuzzes one reader (npy, onnx, tflite) for 8 seconds from the corpus in the repository, always with the
# same seed, as part of the tests. `short.sh readers WORK` compiles the readers for all three, into WORK-readers. WORK takes
# everything it makes. Exit codes: 0 nothing found, 77 no clang with libFuzzer.
set -euo pipefail
target=$1 work=$2
if [ "$target" = readers ]; then
  rm -rf "$work-readers"
  exec "$(dirname "$0")/fuzz.sh" --readers "$work-readers"
fi
rm -rf "${work:?}-$target"
FUZZ_READERS=$work-readers exec "$(dirname "$0")/fuzz.sh" "$target" 8 "$work-$target" -seed=1
