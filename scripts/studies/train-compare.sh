#!/usr/bin/env bash
# train-compare.sh SIM DATA OUT PYTHON [EPOCHS]: the float ResNet-20 with option B shortcuts, two seeds with this program and two with PyTorch,
# the same recipe, data and epochs; accuracies on the test images are in the logs. PYTHON is one that has torch, numpy and
# pillow. DATA is as for train-cifar10.sh. Goes on where it was stopped; a network of PyTorch's begins again.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
sim=$1 data=$2 out=$3 python=$4 epochs=${5:-10}
images=(--data "$data/train_jpeg.npy" --labels "$data/train_jpeg_labels.npy" --test "$data/test_jpeg.npy" --test-labels "$data/test_jpeg_labels.npy")
recipe=(--batch 128 --rate 0.1 --epochs "$epochs" --threads 1)
mkdir -p "$out"
for seed in 1 2; do
  name=$out/sim-$seed resume=()
  [ ! -e "$name.ckpt" ] || resume=(--resume "$name.ckpt")
  [ -e "$name.json" ] ||
    "$sim" train --net resnet20 --shortcut b "${images[@]}" --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 "${recipe[@]}" \
      --seed "$seed" --checkpoint "$name.ckpt" --json "$name.json" -o "$name.onnx" "${resume[@]}" | tee -a "$name.log"
  name=$out/torch-$seed
  [ "$(grep -c '^epoch' "$name.log" 2>/dev/null || true)" = "$epochs" ] ||
    "$python" "$(dirname "$0")/train_torch.py" "${images[@]}" "${recipe[@]}" --seed "$seed" | tee "$name.log"
done
for log in "$out"/sim-?.log "$out"/torch-?.log; do echo "$log: $(tail -n 1 "$log")"; done
