#!/usr/bin/env bash
# train-few.sh SIM MODEL DATA OUT [OPTION...]: what 4,000 images with labels make of a float network in 4 bits (`train --method lsq`), with seeds
# 1, 2 and 3, beside what `quantize` makes of it. DATA holds train_jpeg.npy (the bytes of JPEG files one after another), ..._offsets.npy and
# ..._labels.npy, the same of test_jpeg, and where they are there test_images.npy and test_labels.npy. Options go to `train`. Results go to the
# folder OUT; what is there is not made again. About two minutes a seed on one processor.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
sim=$1 model=$2 data=$3 out=$4
shift 4
pixels=(--mean "0.485,0.456,0.406" --std "0.229,0.224,0.225")
mkdir -p "$out"
for seed in 1 2 3; do
  [ -e "$out/$seed.onnx" ] && continue
  echo "== seed $seed"
  "$sim" train "$model" --data "$data/train_jpeg.npy" --labels "$data/train_jpeg_labels.npy" --limit 4000 \
    --test "$data/test_jpeg.npy" --test-labels "$data/test_jpeg_labels.npy" "${pixels[@]}" --method lsq --precision w4a4 --seed $seed \
    -o "$out/$seed.onnx" "$@" | tee "$out/$seed.log"
done
[ -e "$data/test_images.npy" ] || exit 0
for seed in 1 2 3; do
  echo "== seed $seed, lossless test images"
  "$sim" "$out/$seed.onnx" --backend fast --input "$data/test_images.npy" --labels "$data/test_labels.npy" "${pixels[@]}" --quiet | grep top-1
done
