#!/usr/bin/env bash
# shrinks.sh FUZZ_LAYERS: a case that fails by a planted defect is made small, and can be run again from its file.
set -euo pipefail
program=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$program" --seed 5 --work 100000 --plant yes >log && { echo "no case fails"; exit 1; }
cat log
grep -q "^case .* of seed 5 fails" log
# The defect needs two ops, one for the residual's value, or one and the image.
ops=$(grep -c "^  op" log)
[ "$ops" -le 2 ] || { echo "$ops ops are left"; exit 1; }
file=$(ls fuzz-5-*.txt)
status=0
"$program" --plant yes --choices "$file" >again || status=$?
[ $status -eq 1 ] || { echo "the small case does not fail again"; exit 1; }
"$program" --choices "$file" >again || { cat again; echo "the small case fails without the defect"; exit 1; }
