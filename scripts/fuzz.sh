#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET...]: fuzzes the readers of foreign files (npy, onnx, tflite; default: all) for that long each, under
# libFuzzer and the sanitizers. What was learned stays in build/fuzz for the next time. Exit code 77: no clang.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in
  '' | *[!0-9]*) sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
seconds=$1
shift
[ $# -gt 0 ] || set -- npy onnx tflite
for target in "$@"; do
  echo "== $target, $seconds s"
  tests/fuzz/fuzz.sh "$target" "$seconds" "${BUILD:-build}/fuzz"
done
