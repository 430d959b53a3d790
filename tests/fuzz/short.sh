#!/usr/bin/env bash
# short.sh TARGET WORK: fuzzes one reader (npy, onnx, tflite) for 20 seconds from the corpus in the repository, always with the
# same seed, as part of the tests. WORK takes everything it makes. Exit codes: 0 nothing found, 77 no clang with libFuzzer.
set -euo pipefail
target=$1 work=$2
rm -rf "$work"
exec "$(dirname "$0")/fuzz.sh" "$target" 20 "$work" -seed=1
