#!/usr/bin/env bash
# same-output.sh OLD_BUILD NEW_BUILD [PART]: shows that two builds of Tetra put out the same, byte for byte:
#
#   plans    the plan's bytes and the cycle model's answers in all 120 configurations (five networks, four precisions,
#            arrays of 8, 16 and 32, one beat and half a beat a cycle); tests/tools/plan_digest.c is compiled against
#            the headers and libraries of each build
#   model    `./sim NETWORK --model --json` in the same configurations, text and JSON
#   commands text, JSON, CSV, timelines and exit codes of a set of other commands, times masked, at 16x16
#   weights  the plans again, with the networks' weights in them (takes minutes; only where it is asked for by name)
#
# PART is one of these or, with a colon, one of them for the configurations whose name contains a text:
# "plans:resnet18 w4a4 8x8". Without PART all but weights. Needs `sim` and the libraries in both folders. Where the
# outputs differ the difference is printed and the exit code is 1; 2: a build lacks something. WORK (a temporary
# folder) is where the outputs go, CC (cc) the compiler.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
if (($# < 2 || $# > 3)); then
  echo "usage: same-output.sh OLD_BUILD NEW_BUILD [plans|model|commands|weights[:TEXT]]" >&2
  exit 2
fi
declare -A build=([old]=$(cd "$1" && pwd) [new]=$(cd "$2" && pwd))
part=${3:-all}
only=
[[ $part == *:* ]] && only=${part#*:} part=${part%%:*}
if [[ -z ${WORK:-} ]]; then
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
fi
export OPENBLAS_NUM_THREADS=1
networks="resnet18 resnet34 resnet50 resnet101 resnet152"
precisions="w8a8 w4a8 w4a4 w4a4-init8-dense8"
different=0

die() {
  echo "same-output.sh: $*" >&2
  exit 2
}

# Compares old/NAME with new/NAME.
compare() {
  if ! cmp -s "$WORK/old/$1" "$WORK/new/$1"; then
    echo "DIFFERENT: $1"
    diff "$WORK/old/$1" "$WORK/new/$1" | head -n 10 || true
    different=1
  fi
}

# The folder of a build's sources.
source_of() { sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$1/CMakeCache.txt"; }

make_digest() { # build, program
  local src names libraries
  src=$(source_of "$1")
  # Those that the sources name: an old build folder may hold others.
  names=$(sed -n 's/^ *[a-z_]*_library(\(tetra_[a-z_]*\).*/-name lib\1.a -o/p' "$src"/{cmodel,driver}/CMakeLists.txt)
  # shellcheck disable=SC2086 # words of their own
  mapfile -t libraries < <(find -L "$1/cmodel" "$1/driver" $names -false)
  ((${#libraries[@]} != 0)) || die "$1 has no libraries of cmodel/ and driver/: build it"
  "${CC:-cc}" -std=c11 -O2 -I"$src/cmodel/include" -I"$src/driver/include" "$root/tests/tools/plan_digest.c" -o "$2" \
    -Wl,--start-group "${libraries[@]}" -Wl,--end-group -lopenblas -lm || die "plan_digest does not build against $1"
}

run_plans() { # file, options
  local name=$1 side
  shift
  for side in old new; do
    make_digest "${build[$side]}" "$WORK/$side/plan_digest"
    "$WORK/$side/plan_digest" "$@" "$only" >"$WORK/$side/$name" || die "plan_digest failed against ${build[$side]}"
  done
  compare "$name"
  [[ -s $WORK/new/$name ]] || die "no configuration is called '$only'"
  echo "$name: $(wc -l <"$WORK/new/$name") configurations"
}

# What depends on the moment: times and speeds in text and JSON, the program's own folder.
mask() {
  sed -E -e 's/, [0-9.]+ s left//; s/[0-9][0-9,]*(\.[0-9]+)? (ms|us|s|kHz)\b/# \2/g' \
    -e 's/"(seconds|khz)":[[:space:]]*[-+.0-9e]+/"\1": #/g' \
    -e "s/${WORK//\//\\/}\/(old|new)/FOLDER/g"
}

# Runs the program of a side in its folder: text, messages and exit code into NAME.txt, any files it writes beside it.
run_sim() { # side name arguments...
  local side=$1 name=$2 code=0
  shift 2
  (cd "$WORK/$side" && "${build[$side]}/sim" "$@") >"$WORK/$side/$name.raw" 2>&1 || code=$?
  { mask <"$WORK/$side/$name.raw"; echo "exit code $code"; } >"$WORK/$side/$name.txt"
  rm "$WORK/$side/$name.raw"
}

# The same on both sides; files that are named with --json, --csv, --timeline or --plot are compared, too.
both() { # name, arguments
  local name=$1 side file
  shift
  for side in old new; do
    run_sim "$side" "$name" "$@"
    for file in "$WORK/$side/$name".{json,csv,trace,svg}; do
      [[ -f $file ]] || continue
      mask <"$file" >"$file.masked"
      mv "$file.masked" "$file"
    done
  done
  for file in txt json csv trace svg; do
    if [[ -f $WORK/old/$name.$file || -f $WORK/new/$name.$file ]]; then compare "$name.$file"; fi
  done
  runs=$((runs + 1))
}

run_model() {
  local network precision n rate runs=0
  for network in $networks; do
    for precision in $precisions; do
      for n in 8 16 32; do
        [[ "$network $precision ${n}x$n" == *"$only"* ]] || continue
        for rate in $n $((n / 2)); do
          local name="$network.$precision.$n.$rate"
          both "$name" "$network" --precision "$precision" --array "$n" --dram-bytes-per-cycle "$rate" --model \
            --json "$name.json"
          grep -q "^exit code 0" "$WORK/old/$name.txt" || die "sim $name fails: $(head -n 1 "$WORK/old/$name.txt")"
        done
      done
    done
  done
  ((runs != 0)) || die "no configuration is called '$only'"
  echo "model: $runs configurations"
}

run_commands() {
  local runs=0 small=(resnet18 --width 0.25 --size 64)
  both help --help
  both version --version
  both pareto_help pareto --help
  both quantize_help quantize --help
  both small "${small[@]}" --json small.json --timeline small.trace
  both small_w8a8 "${small[@]}" --precision w8a8 --quiet --json small_w8a8.json
  both slow_memory "${small[@]}" --dram-bytes-per-cycle 4 --dram-latency 200 --dram-stall 0.2 --seed 5 --quiet
  both compared "${small[@]}" --compare-model
  both unfused "${small[@]}" --no-fuse --batch 2 --check final
  both part "${small[@]}" --layers s2b1.conv1..s2b2.conv2+add
  both mhz resnet50 --model --mhz 400
  both flipped "${small[@]}" --inject-weight-flip s1b1.conv1
  both several resnet18,resnet34 --precision w8a8,w4a4 --width 0.25 --size 64 --jobs 2 --quiet
  both pareto pareto --csv pareto.csv --no-plot --quiet
  both no_network resnet17
  both no_option "${small[@]}" --frobnicate
  both no_array "${small[@]}" --array 12
  both no_rate "${small[@]}" --dram-bytes-per-cycle 65537
  both no_latency "${small[@]}" --dram-latency 65536
  both no_layer "${small[@]}" --layers s9b9..s1b1
  both no_file missing.onnx --input missing.npy
  echo "commands: $runs"
}

for side in old new; do
  mkdir -p "$WORK/$side"
  [[ -f ${build[$side]}/CMakeCache.txt ]] || die "${build[$side]} is no build folder (no CMakeCache.txt)"
  [[ $part == plans || $part == weights || -x ${build[$side]}/sim ]] || die "${build[$side]} has no program 'sim': build it"
done
case $part in
  all)
    run_plans plans
    run_model
    run_commands
    ;;
  plans) run_plans plans ;;
  weights) run_plans weights --weights ;;
  model) run_model ;;
  commands) run_commands ;;
  *) die "part '$part': plans, model, commands or weights are accepted" ;;
esac
((different == 0)) && echo "same output"
exit "$different"
