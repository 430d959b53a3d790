#!/usr/bin/env bash
# fuzz.sh TARGET SECONDS [WORK [OPTION...]]: builds tests/fuzz/fuzz_TARGET.c (npy, onnx, tflite) with libFuzzer and the address and
# undefined-behaviour sanitizers and runs it for that long, starting from tests/fuzz/corpus/TARGET and what WORK/TARGET
# (default: build/fuzz) has from earlier runs. OPTIONs go to libFuzzer. A finding ends it and is written to WORK; the last
# line says how to run it again. Exit codes: 0 nothing found, 77 no clang with libFuzzer, else libFuzzer's own.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1 seconds=$2 work=${3:-build/fuzz}
shift $(($# < 3 ? $# : 3))
cc=${FUZZ_CC:-$(command -v clang || command -v clang-14 || true)}
[ -n "$cc" ] || { echo "skipped: no clang; Debian's packages are clang and libclang-rt-dev"; exit 77; }
flags=(-O1 -g "-fsanitize=fuzzer-no-link,address,undefined" -fno-sanitize-recover=all -Iimport/include -Iimport/src -Icmodel/include -Icmodel/src -I"$work/gen")
mkdir -p "$work/gen" "$work/obj" "$work/$target"

import/schema/onnx_messages.sh /usr/include "$work/gen"
flatc --cpp --scoped-enums -o "$work/gen" import/schema/tflite_min.fbs
echo 'int main(void){return 0;}' >"$work/probe.c"
"$cc" -fsanitize=address "$work/probe.c" -o "$work/probe" 2>/dev/null || { echo "skipped: $cc has no sanitizers"; exit 77; }

objects=()
mutators=()
[ ! -f "tests/fuzz/mutate_$target.c" ] || mutators=("tests/fuzz/mutate_$target.c")
mapfile -t sources < <(find cmodel/src import/src -name '*.c' -o -name '*.cc' | sort)
for file in "${sources[@]}" "$work/gen/onnx/onnx.pb-c.c" "tests/fuzz/fuzz_$target.c" "${mutators[@]}"; do
  object=$work/obj/${file//\//_}.o
  objects+=("$object")
  case $file in
    *.cc) "$cc" -std=c++17 "${flags[@]}" -c "$file" -o "$object" ;;
    *) "$cc" -std=gnu11 "${flags[@]}" -c "$file" -o "$object" ;;
  esac
done
"$cc" -fsanitize=fuzzer,address,undefined "${objects[@]}" -lprotobuf-c -lopenblas -lstdc++ -lm -o "$work/fuzz_$target"
status=0
"$work/fuzz_$target" -max_total_time="$seconds" -max_len=16384 -rss_limit_mb=3000 -timeout=60 -print_final_stats=1 \
  -artifact_prefix="$work/$target-" "$@" "$work/$target" "tests/fuzz/corpus/$target" || status=$?
[ "$status" = 0 ] && exit
for finding in "$work/$target-"{crash,leak,oom,timeout}-*; do
  [ ! -e "$finding" ] || echo "to run it again: $work/fuzz_$target $finding"
done
exit "$status"
