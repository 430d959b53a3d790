#!/usr/bin/env bash
# verilate.sh VERILATOR DIR PREFIX CFLAGS -- VERILATOR-ARGUMENTS: makes DIR/libPREFIX.a, whatever this Verilator version
# calls its archive. One process: the build tool above decides what runs in parallel.
set -euo pipefail
verilator=$1 dir=$2 prefix=$3 cflags=$4
shift 5
rm -rf "$dir"
mkdir -p "$dir"
"$verilator" --cc --Mdir "$dir" --prefix "$prefix" -Wall -CFLAGS "$cflags" "$@"
make -C "$dir" -f "$prefix.mk" -s OPT_FAST="-O3" OPT_SLOW="-O1" OPT_GLOBAL="-O2" >"$dir/make.log" 2>&1 || { tail -n 40 "$dir/make.log" >&2; exit 1; }
if [ -f "$dir/${prefix}__ALL.a" ]; then cp "$dir/${prefix}__ALL.a" "$dir/lib$prefix.a"; fi
test -f "$dir/lib$prefix.a"
