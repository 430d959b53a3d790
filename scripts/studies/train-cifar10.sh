#!/usr/bin/env bash
# train-cifar10.sh SIM DATA OUT [EPOCHS] [SEED]: trains ResNet-20 for CIFAR-10 in float from random weights, then, a fifth as long, mostly in 4
# bits and in 4 bits throughout from what `quantize` makes of that, and measures them. DATA holds train_jpeg.npy, test_jpeg.npy (the bytes of
# JPEG files one after another), ..._offsets.npy and ..._labels.npy of both, and where they are there test_images.npy and test_labels.npy.
# Results go to the folder OUT; what was stopped goes on when the same command is given again. 3 minutes an epoch on one processor; 100 epochs
# unless said otherwise, 10 for the network in nets/.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
sim=$1 data=$2 out=$3 epochs=${4:-100} seed=${5:-1}
pixels=(--mean "0.485,0.456,0.406" --std "0.229,0.224,0.225")
mkdir -p "$out"

# train NAME OPTION...
train() {
  local name=$1 resume=()
  shift
  [ -e "$out/$name.onnx" ] && return
  [ -e "$out/$name.ckpt" ] && resume=(--resume "$out/$name.ckpt")
  echo "== $name"
  "$sim" train --data "$data/train_jpeg.npy" --labels "$data/train_jpeg_labels.npy" \
    --test "$data/test_jpeg.npy" --test-labels "$data/test_jpeg_labels.npy" "${pixels[@]}" --batch 128 --seed "$seed" \
    --checkpoint "$out/$name.ckpt" --json "$out/$name.json" -o "$out/$name.onnx" "${resume[@]}" "$@" | tee -a "$out/$name.log"
}

train float --net resnet20 --method float --epochs "$epochs" --rate 0.1 --decay 0.0005 --warmup 0.5 --cooldown 0.5
for precision in w4a4-init8-dense8 w4a4; do
  train $precision "$out/float.onnx" --method lsq --optimizer sgd --teacher "$out/float.onnx" --teacher-share 0.9 --precision $precision \
    --epochs $(((epochs + 4) / 5)) --rate 0.005 --warmup 0.1 --cooldown 0.1
done
[ -e "$data/test_images.npy" ] || exit 0
for name in w4a4-init8-dense8 w4a4; do
  echo "== $name, lossless test images, on the C model"
  "$sim" "$out/$name.onnx" --backend cmodel --input "$data/test_images.npy" --labels "$data/test_labels.npy" "${pixels[@]}" |
    grep top-1
done
