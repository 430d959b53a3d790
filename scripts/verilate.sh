#!/usr/bin/env bash
# verilate.sh VERILATOR DIR PREFIX CFLAGS [--prelude HEADER] -- VERILATOR-ARGUMENTS: makes DIR/libPREFIX.a, whatever this
# Verilator version calls its archive, with the C++ compiler $CXX (default: g++). Verilated files read HEADER right after
# <verilated.h>. Shares the jobs of the make above it ($MAKE set and a job server in $MAKEFLAGS); else uses $JOBS or every
# processor, because one model is many files and often the only thing being built. $VERILATE_FAST and $VERILATE_SLOW are the
# compiler's levels for what runs in each cycle (default: -O3) and once (-O1).
set -euo pipefail
verilator=$1 dir=$2 prefix=$3 cflags=$4 prelude=''
shift 4
if [ "$1" = --prelude ]; then
  prelude=$2
  shift 2
fi
shift
rm -rf "$dir"
mkdir -p "$dir"
# Style is lint.sh's business: warnings that only a newer Verilator knows must not break a build.
"$verilator" --cc --Mdir "$dir" --prefix "$prefix" -Wno-lint -Wno-style -Wno-fatal -CFLAGS "$cflags" "$@"
# Verilated files look for "verilated.h" in their own folder first. A compiler's -include would do too, but for Verilator
# 5.018 and newer, which precompiles its headers: the precompiled one has to come before everything else.
if [ -n "$prelude" ]; then
  printf '#include "%s"\n' "$("$verilator" --getenv VERILATOR_ROOT)/include/verilated.h" "$prelude" >"$dir/verilated.h"
fi
jobs=(-j "${JOBS:-$(nproc)}")
case ${MAKEFLAGS:-} in *--jobserver*) jobs=() ;; esac
"${MAKE:-make}" "${jobs[@]}" -C "$dir" -f "$prefix.mk" -s CXX="${CXX:-g++}" OPT_FAST="${VERILATE_FAST:--O3}" OPT_SLOW="${VERILATE_SLOW:--O1}" OPT_GLOBAL="-O2" \
  >"$dir/make.log" 2>&1 || { tail -n 40 "$dir/make.log" >&2; exit 1; }
if [ -f "$dir/${prefix}__ALL.a" ]; then cp "$dir/${prefix}__ALL.a" "$dir/lib$prefix.a"; fi
test -f "$dir/lib$prefix.a"
