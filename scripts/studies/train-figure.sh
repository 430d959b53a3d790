#!/usr/bin/env bash
# train-figure.sh SIM DATA OUT [EPOCHS] [SEED]: the paper's figure at the size of CIFAR-10. Trains ResNet-8 of four widths in float, w8a8,
# w4a4-init8-dense8 and w4a4 with one recipe from random weights, one thread, then draws accuracy over exact cycles (pareto.csv, pareto.svg
# in OUT). DATA is as for train-cifar10.sh. What is there is left out and what was stopped goes on when the same command is given again.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
sim=$1 data=$2 out=$3 epochs=${4:-12} seed=${5:-1}
mkdir -p "$out"
for width in 1 0.5 0.75 0.25; do
  for precision in float w4a4-init8-dense8 w8a8 w4a4; do
    name=$out/resnet8-$width-$precision method=(--method aqt --precision "$precision") resume=()
    [ "$precision" != float ] || method=(--method float)
    [ ! -e "$name.json" ] || continue
    [ ! -e "$name.ckpt" ] || resume=(--resume "$name.ckpt")
    echo "== $name"
    "$sim" train --net resnet8 --width "$width" "${method[@]}" --data "$data/train_jpeg.npy" --labels "$data/train_jpeg_labels.npy" \
      --test "$data/test_jpeg.npy" --test-labels "$data/test_jpeg_labels.npy" --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 \
      --batch 128 --rate 0.1 --decay 0.0005 --warmup 0.5 --cooldown 0.5 --epochs "$epochs" --seed "$seed" --threads 1 \
      --checkpoint "$name.ckpt" --json "$name.json" -o "$name.onnx" "${resume[@]}" | tee -a "$name.log"
  done
done
"$sim" pareto --trained "$out" --csv "$out/pareto.csv" --plot "$out/pareto.svg"
