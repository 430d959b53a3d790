#!/usr/bin/env bash
# fuzz.sh TARGET SECONDS [WORK [OPTION...]]: builds tests/fuzz/fuzz_TARGET.c (npy, onnx, tflite, stored, study, files) with libFuzzer and the address and
# undefined-behaviour sanitizers and runs it for that long, starting from tests/fuzz/corpus/TARGET and what WORK/TARGET
# (default: build/fuzz) has from earlier runs. OPTIONs go to libFuzzer. A finding ends it and is written to WORK; the last
# line says how to run it again. Exit codes: 0 nothing found, 77 no clang with libFuzzer, else libFuzzer's own.
# fuzz.sh --readers FOLDER: compiles what all targets share, the readers, and no more; with FUZZ_READERS=FOLDER a run takes
# them from there.
set -euo pipefail
cd "$(dirname "$0")/../.."
cc=${FUZZ_CC:-$(command -v clang || command -v clang-14 || true)}
[ -n "$cc" ] || { echo "skipped: no clang; Debian's packages are clang and libclang-rt-dev"; exit 77; }

# Buffers of a build (cli/hardware.c): those of hw_fields.def.
defines=()
for size in ACT_KIB WGT_KIB RES_KIB PAR_ENTRIES ACC_PIXELS POOL_WORDS; do defines+=("-DTETRA_BUILD_$size=0"); done
# What the target reads with beside the readers of networks.
own=() libraries=()
if [ "$1" = study ]; then
  own=(sim/files/study/*.c sim/files/json_file.c sim/cli/{hardware,image_options,ini,parse}.c sim/base/rebuild.c sim/base/spelling.c
       cmodel/src/{fast,fast/blas,fast/kernels,nets,ref}/*.c cmodel/src/run.c) # the names of networks
  libraries=(-lcjson)
fi

if [ "$1" = files ]; then
  own=(sim/files/{image,image_fit,image_jpeg,image_npy,image_png,image_read,npy,classes,energy_table,json_file}.c sim/base/utf8.c driver/src/timing/events.c)
  libraries=(-lcjson -ljpeg -lpng)
fi

compile() { # source object: both of C and of C++
  local standard=gnu11
  [[ $1 != *.cc ]] || standard=c++17
  "$cc" -std=$standard -O1 -gline-tables-only -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
    -Iimport/include -Iimport/src -Isim "${defines[@]}" -Icmodel/include -Icmodel/src -Idriver/include -I"$readers/gen" -c "$1" -o "$2"
}

build_readers() {
  local file sources
  rm -rf "$readers/obj" # of files that are gone
  mkdir -p "$readers/gen" "$readers/obj"
  echo 'int main(void){return 0;}' >"$readers/probe.c"
  "$cc" -fsanitize=address "$readers/probe.c" -o "$readers/probe" 2>/dev/null || { echo "skipped: $cc has no sanitizers"; exit 77; }
  import/schema/onnx_messages.sh /usr/include "$readers/gen"
  flatc --cpp --scoped-enums -o "$readers/gen" import/schema/tflite_min.fbs
  # Of the C model what importers call; its executors would take as long to compile as the rest.
  mapfile -t sources < <(find cmodel/src/{core,float,quant} import/src driver/src/runtime -name '*.c' -o -name '*.cc' | sort)
  for file in "${sources[@]}" "$readers/gen/onnx/onnx.pb-c.c"; do
    compile "$file" "$readers/obj/${file//\//_}.o"
  done
}

if [ "$1" = --readers ]; then
  readers=$2
  build_readers
  exit
fi
target=$1 seconds=$2 work=${3:-build/fuzz}
shift $(($# < 3 ? $# : 3))
readers=${FUZZ_READERS:-$work/readers}
mkdir -p "$work/$target"
[ -n "${FUZZ_READERS:-}" ] || build_readers
objects=("$readers"/obj/*.o)
for file in "tests/fuzz/fuzz_$target.c" "tests/fuzz/mutate_$target.c" "${own[@]}"; do
  [ -f "$file" ] || continue
  object=$work/${file//\//_}.o
  compile "$file" "$object"
  objects+=("$object")
done
"$cc" -fsanitize=fuzzer,address,undefined "${objects[@]}" "${libraries[@]}" -lprotobuf-c -lzip -lopenblas -lstdc++ -lm -o "$work/fuzz_$target"
status=0
"$work/fuzz_$target" -max_total_time="$seconds" -max_len=16384 -rss_limit_mb=3000 -timeout=60 -print_final_stats=1 \
  -artifact_prefix="$work/$target-" "$@" "$work/$target" "tests/fuzz/corpus/$target" || status=$?
[ "$status" = 0 ] && exit
for finding in "$work/$target-"{crash,leak,oom,timeout}-*; do
  [ ! -e "$finding" ] || echo "to run it again: $work/fuzz_$target $finding"
done
exit "$status"
