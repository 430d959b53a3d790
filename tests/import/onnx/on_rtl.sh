#!/usr/bin/env bash
# on_rtl.sh SIM MAKE_ONNX_CORPUS FOLDER: runs every hand-made ONNX network on the simulated accelerator, codes drawn at
# random, and expects the C model's answer in every layer.
set -euo pipefail
sim=$1 make_corpus=$2 folder=$3
mkdir -p "$folder"
"$make_corpus" "$folder"
failed=0 run=0
for model in "$folder"/*.onnx; do
  run=$((run + 1))
  if ! "$sim" "$model" >"$folder/log" 2>&1 || ! grep -q '^result *RTL = C in everything compared' "$folder/log"; then
    failed=$((failed + 1))
    echo "$sim $model"
    tail -n 5 "$folder/log"
  fi
done
echo "$run networks, $failed failed"
[ "$failed" = 0 ] && [ "$run" -gt 40 ]
