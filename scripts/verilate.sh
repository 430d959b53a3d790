#!/usr/bin/env bash
# verilate.sh VERILATOR DIR PREFIX CFLAGS [--prelude HEADER] [--settled CLOCK [--late NETS] [--often FILE]] -- VERILATOR-ARGUMENTS: makes
# DIR/libPREFIX.a, whatever this Verilator version calls its archive, with the C++ compiler $CXX (default: g++). Verilated
# files read HEADER right after <verilated.h>. --settled is for who changes inputs only together with CLOCK's fall,
# evaluates both its halves and looks at nothing but NETS (a,b,..) between rise and fall: a clock then takes half to two
# thirds of the time (straight.py, which FILE is for, too). Shares the jobs of the make above it ($MAKE set and a job server in $MAKEFLAGS); else uses $JOBS or every
# processor, because one model is many files and often the only thing being built. $VERILATE_FAST and $VERILATE_SLOW are the
# compiler's levels for what runs in each cycle (default: -O3) and once (-O1).
set -euo pipefail
verilator=$1 dir=$2 prefix=$3 cflags=$4 prelude='' settled='' late='' often=''
shift 4
while [ "$1" != -- ]; do
  case $1 in
    --prelude) prelude=$2 ;;
    --settled) settled=$2 ;;
    --late) late=$2 ;;
    --often) often=$2 ;;
    *) echo "verilate.sh: unknown option '$1'; --prelude, --settled, --late and --often are accepted" >&2; exit 2 ;;
  esac
  shift 2
done
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
# What runs every clock becomes one file, whose functions are its own: the C++ compiler then works across them. The other
# files are left empty; the one that calls the rest comes last, so that every function is static before it is declared.
# Measured with clang and with Verilators that do not precompile headers; the rest keep what they had.
one_file() {
  local f fast=() last='' names
  [[ ${CXX:-g++} == *clang* && ! -e $dir/${prefix}__pch.h ]] || return 0
  for f in "$dir/$prefix"___024root__*.cpp; do
    case $f in
      *__Slow.cpp) ;;
      *) if grep -q '^void .*___eval_nba(.*{$' "$f"; then last=$f; else fast+=("$f"); fi ;;
    esac
  done
  [ -n "$last" ] && [ ${#fast[@]} -gt 0 ] || return 0
  names=$(sed -n 's/^VL_INLINE_OPT void \([A-Za-z0-9_]*\)(.*/\1/p' "${fast[@]}" "$last")
  [ -n "$names" ] || return 0   # Verilators that have no such mark
  # A function that other files call as well must stay visible, and one that is declared before it is defined cannot be static.
  for f in "$dir"/*.cpp; do
    case " ${fast[*]} $last " in *" $f "*) continue ;; esac
    if grep -qwF -- "$names" "$f"; then return 0; fi
  done
  cat "${fast[@]}" "$last" | awk -v names="${names//$'\n'/ }" '
    BEGIN {n = split(names, a, " "); for (i = 1; i <= n; i++) waits[a[i]] = 1}
    {sub(/^VL_ATTR_[A-Z]* /, "")}
    /^VL_INLINE_OPT void / {sub(/\(.*/, "", $3); delete waits[$3]}
    /^void / {sub(/\(.*/, "", $2); if ($2 in waits) exit 1}' || return 0
  # What straight.py moves from one file to another finds its names there, too: which file comes first is a matter of
  # Verilator's hash.
  {
    printf '#include "%s__Syms.h"\n' "$prefix"
    sed -n 's/^VL_INLINE_OPT \(void [A-Za-z0-9_]*(.*)\) {$/static \1;/p; /^extern const .*;$/p' "${fast[@]}" "$last"
  } >"$dir/one_file.inc"
  for f in "${fast[@]}" "$last"; do
    mv "$f" "${f%.cpp}.inc"
    printf '#include "%s"\n' "$(basename "${f%.cpp}.inc")" >>"$dir/one_file.inc"
    echo "// See $(basename "$last")." >"$f"
  done
  printf '#define VL_INLINE_OPT static\n#include "one_file.inc"\n' >"$last"
  if [ -n "$settled" ]; then straight "$@"; fi
}
# A clock goes through text of its own, see straight.py. Nets that the arguments' .vlt files make visible are looked at.
straight() {
  local a seen=''
  for a in "$@"; do
    case $a in *.vlt) seen+=$(sed -n 's/^public.* -var "\([^"]*\)".*/\1,/p' "$a" | tr -d '\n') ;; esac
  done
  command -v python3 >/dev/null || { echo "verilate.sh: no python3: simulations take half as long again" >&2; return 0; }
  python3 "$(dirname "$0")/straight.py" "$dir" "$prefix" "$settled" ${often:+--often "$often"} --seen "$seen" --late "$late"
}
case " $* " in *' --coverage '*) python3 "$(dirname "$0")/coverage/quicker.py" "$dir" ;; esac
one_file "$@"
jobs=(-j "${JOBS:-$(nproc)}")
case ${MAKEFLAGS:-} in *--jobserver*) jobs=() ;; esac
"${MAKE:-make}" "${jobs[@]}" -C "$dir" -f "$prefix.mk" -s CXX="${CXX:-g++}" OPT_FAST="${VERILATE_FAST:--O3}" OPT_SLOW="${VERILATE_SLOW:--O1}" OPT_GLOBAL="-O2" \
  >"$dir/make.log" 2>&1 || { tail -n 40 "$dir/make.log" >&2; exit 1; }
if [ -f "$dir/${prefix}__ALL.a" ]; then cp "$dir/${prefix}__ALL.a" "$dir/lib$prefix.a"; fi
test -f "$dir/lib$prefix.a"
