#!/usr/bin/env bash
# verilate.sh VERILATOR DIR PREFIX CFLAGS -- VERILATOR-ARGUMENTS: makes DIR/libPREFIX.a, whatever this Verilator version
# calls its archive. Shares the jobs of the make above it ($MAKE set and a job server in $MAKEFLAGS); else uses every
# processor, because one model is many files and often the only thing being built.
set -euo pipefail
verilator=$1 dir=$2 prefix=$3 cflags=$4
shift 5
rm -rf "$dir"
mkdir -p "$dir"
# Style is lint.sh's business: warnings that only a newer Verilator knows must not break a build.
"$verilator" --cc --Mdir "$dir" --prefix "$prefix" -Wno-lint -Wno-style -Wno-fatal -CFLAGS "$cflags" "$@"
jobs=(-j "$(nproc)")
case ${MAKEFLAGS:-} in *--jobserver*) jobs=() ;; esac
"${MAKE:-make}" "${jobs[@]}" -C "$dir" -f "$prefix.mk" -s OPT_FAST="-O3" OPT_SLOW="-O1" OPT_GLOBAL="-O2" \
  >"$dir/make.log" 2>&1 || { tail -n 40 "$dir/make.log" >&2; exit 1; }
if [ -f "$dir/${prefix}__ALL.a" ]; then cp "$dir/${prefix}__ALL.a" "$dir/lib$prefix.a"; fi
test -f "$dir/lib$prefix.a"
