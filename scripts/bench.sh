#!/usr/bin/env bash
# bench.sh [FOLDER]: cycles and speed of the simulation, and host instructions per simulated clock. Builds into FOLDER
# (default build/bench): once for this machine (kHz), once for any x86-64 or other machine of the same kind (counted by
# callgrind: the same number on every one of them, so that a slower simulator shows whatever else the machine does).
# Then images a second of --backend fast beside onnxruntime's, same int8 models and threads, turn by turn.
# ARRAYS (default "16 32") chooses the array sizes, RUNS (3) how often each network is timed, JOBS the build's jobs.
# REFERENCE=path of another sim (say, an older version's) is run turn by turn with ours: ratios of processor time, which
# mean something on a busy machine as well. PGO=1 times a build with a profile of itself (scripts/pgo.sh), too.
# Every figure of speed in README.md and docs/performance.md that names this command comes from it.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/build/bench}
arrays=${ARRAYS:-16 32}
runs=${RUNS:-3}
reference=${REFERENCE:-}
jobs=${JOBS:-$(nproc)}
threads=${OPENBLAS_NUM_THREADS:-1}
export OPENBLAS_NUM_THREADS=$threads
TIMEFORMAT='%U %S'

build() { # folder native
  if ! { cmake -S "$root" -B "$1" -DTETRA_TESTS=OFF -DTETRA_NATIVE="$2" -DTETRA_ARRAYS="${arrays// /;}" &&
         cmake --build "$1" -j "$jobs" --target sim; } >"$1.log" 2>&1; then
    echo "bench.sh: the build failed, see $1.log" >&2
    exit 2
  fi
}

# cycles and kHz out of ./sim's text
facts() { awk '/^total /{gsub(",", "", $2); c = $2} /^simulation /{k = $(NF - 1)} END{print c, k}'; }

# Smallest, middle or largest of the numbers on standard input.
rank() { sort -n | awk -v which="$1" '{v[NR] = $1} END {print v[which == "min" ? 1 : which == "max" ? NR : int((NR + 1) / 2)]}'; }
median() { rank middle; }

# One run: "cycles kHz seconds" of processor time, the whole program's.
run_once() { # program array arguments...
  local program=$1 array=$2
  shift 2
  { time "$program" "$@" --array "$array" --quiet >"$out/run.txt" 2>&1; } 2>"$out/time.txt" ||
    { echo "bench.sh: $program $* --array $array failed, see $out/run.txt" >&2; exit 1; }
  echo "$(facts <"$out/run.txt") $(awk '{print $1 + $2}' "$out/time.txt")"
}

# kHz is wall time of the simulation with its comparisons; CPU seconds are of the whole program, the network's build and
# the C model included, and do not depend on what else the machine does. With a reference, its runs come in between.
time_network() { # build name array arguments...
  local program=$out/$1/sim name=$2 array=$3 k cycles khz cpu all=() cpus=() ref_all=() ref_cpus=() ratio=''
  shift 3
  for ((k = 0; k < runs; k++)); do
    if [ -n "$reference" ]; then
      read -r _ khz cpu < <(run_once "$reference" "$array" "$@")
      ref_all+=("$khz")
      ref_cpus+=("$cpu")
    fi
    read -r cycles khz cpu < <(run_once "$program" "$array" "$@")
    all+=("$khz")
    cpus+=("$cpu")
  done
  cpu=$(printf '%s\n' "${cpus[@]}" | median)
  khz=$(printf '%s\n' "${all[@]}" | median)
  if [ -n "$reference" ]; then
    ratio=$(awk -v c="$(printf '%s\n' "${ref_cpus[@]}" | median)" -v d="$cpu" -v e="$(printf '%s\n' "${ref_all[@]}" | median)" -v f="$khz" \
      'BEGIN {printf "  %.2fx kHz, %.2fx CPU", f / e, c / d}')
  fi
  printf '%-28s %5s %11s %6s %14s %8s%s\n' "$name" "${array}x$array" "$cycles" "$khz" \
    "$(printf '%s\n' "${all[@]}" | rank min)..$(printf '%s\n' "${all[@]}" | rank max)" "$cpu" "$ratio"
}

# Counted inside the model's functions only: the network's build and the C model stay out of it.
count() { # name array arguments...
  local name=$1 array=$2 text=$out/callgrind.txt clocks refs
  shift 2
  valgrind --tool=callgrind --callgrind-out-file="$out/callgrind.out" --toggle-collect='*MakeModel*_FUN*' \
    "$out/portable/sim" "$@" --array "$array" --quiet --check none >"$text" 2>&1 ||
    { echo "bench.sh: valgrind failed, see $text" >&2; exit 2; }
  clocks=$(awk '/^simulation /{gsub(",", "", $2); print $2}' "$text")
  refs=$(awk '/Collected/{print $NF}' "$text")
  printf '%-28s %5s %11s %14s\n' "$name" "${array}x$array" "$clocks" "$((refs / clocks))"
}

[ -z "$reference" ] || [ -x "$reference" ] ||
  { echo "bench.sh: REFERENCE=$reference is not a program; give the path of a built sim, or leave it empty" >&2; exit 2; }
mkdir -p "$out"
echo "building into $out"
build "$out/native" ON
time_all() { # build title
  printf '%-28s %5s %11s %6s %14s %8s   medians of %s runs, every layer compared%s\n' "$2" array cycles kHz "(min..max)" "CPU s" "$runs" \
    "${reference:+; ratios to $reference}"
  for a in $arrays; do
    time_network "$1" "resnet18 width 0.5" "$a" resnet18 --width 0.5
    time_network "$1" "resnet50 w8a8" "$a" resnet50 --precision w8a8
    time_network "$1" "resnet50 w4a4-init8-dense8" "$a" resnet50
  done
}
time_all native network
if [ -n "${PGO:-}" ]; then
  build "$out/profiled" ON
  "$root/scripts/pgo.sh" "$out/profiled" >"$out/profiled.log" 2>&1 || { echo "bench.sh: pgo.sh failed, see $out/profiled.log" >&2; exit 2; }
  echo
  time_all profiled "network, with a profile"
fi

fast_rate() { # processors model images
  local cpus
  cpus=$(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | awk -F- '{for (i = $1; i <= (NF > 1 ? $2 : $1); i++) print i}' |
    head -n "$1" | paste -sd,)
  taskset -c "$cpus" "$out/native/sim" "$2" --input "$3" --backend fast --quiet | awk '/^done /{print $(NF - 1)}'
}

# Both programs in turns, on as many processors.
compare_rate() { # name model images batch processors
  local k ours=() theirs=()
  for ((k = 0; k < runs; k++)); do
    ours+=("$(fast_rate "$5" "$2" "$3")")
    theirs+=("$("$out/venv/bin/python" "$root/scripts/bench_onnxruntime.py" "$2" "$3" "$5" "$4")")
  done
  local a b
  a=$(printf '%s\n' "${ours[@]}" | median)
  b=$(printf '%s\n' "${theirs[@]}" | median)
  printf '%-28s %7s %11s %11s %7s\n' "$1" "$5" "$a" "$b" "$(awk -v a="$a" -v b="$b" 'BEGIN {printf "%.2f", a / b}')"
}

inference() {
  local n
  n=$(nproc)
  if ! [ -e "$out/venv/complete" ] &&
     ! { python3 -m venv "$out/venv" && "$out/venv/bin/pip" install -q --disable-pip-version-check numpy onnx onnxruntime &&
         touch "$out/venv/complete"; } >"$out/venv.log" 2>&1; then
    echo "bench.sh: no images a second: no Python environment with onnxruntime, see $out/venv.log"
    return 0
  fi
  mkdir -p "$out/models"
  "$out/venv/bin/python" "$root/scripts/bench_models.py" "$out/models"
  printf '\n%-28s %7s %11s %11s %7s   medians of %s runs\n' "images/s, int8 ONNX" threads "--backend fast" onnxruntime ratio "$runs"
  for t in 1 $([ "$n" = 1 ] || echo "$n"); do
    compare_rate "resnet50 224x224" "$out/models/resnet50.onnx" "$out/models/images.npy" 1 "$t"
    compare_rate "resnet20 32x32" "$out/models/resnet20.onnx" "$out/models/small.npy" 50 "$t"
  done
}
inference

if ! command -v valgrind >/dev/null; then
  echo "bench.sh: valgrind is not installed: no instruction counts (apt install valgrind)" >&2
  exit 2
fi
build "$out/portable" OFF
echo
printf '%-28s %5s %11s %14s\n' "resnet18 width 0.25, 64x64" array clocks "instr/clock"
for a in $arrays; do
  count w8a8 "$a" resnet18 --width 0.25 --size 64 --precision w8a8
  count w4a4-init8-dense8 "$a" resnet18 --width 0.25 --size 64
done
