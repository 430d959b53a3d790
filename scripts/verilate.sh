#!/usr/bin/env bash
# verilate.sh VERILATOR DIR PREFIX CFLAGS [--prelude HEADER] [--settled CLOCK] -- VERILATOR-ARGUMENTS: makes
# DIR/libPREFIX.a, whatever this Verilator version calls its archive, with the C++ compiler $CXX (default: g++). Verilated
# files read HEADER right after <verilated.h>. --settled is for who changes inputs only together with CLOCK's fall and
# evaluates both its halves: what follows from inputs is then worked out once a clock. Shares the jobs of the make above it ($MAKE set and a job server in $MAKEFLAGS); else uses $JOBS or every
# processor, because one model is many files and often the only thing being built. $VERILATE_FAST and $VERILATE_SLOW are the
# compiler's levels for what runs in each cycle (default: -O3) and once (-O1).
set -euo pipefail
verilator=$1 dir=$2 prefix=$3 cflags=$4 prelude='' settled=''
shift 4
while [ "$1" != -- ]; do
  case $1 in
    --prelude) prelude=$2 ;;
    --settled) settled=$2 ;;
    *) echo "verilate.sh: unknown option '$1'; --prelude and --settled are accepted" >&2; exit 2 ;;
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
  for f in "${fast[@]}" "$last"; do
    mv "$f" "${f%.cpp}.inc"
    printf '#include "%s"\n' "$(basename "${f%.cpp}.inc")" >>"$dir/one_file.inc"
    echo "// See $(basename "$last")." >"$f"
  done
  printf '#define VL_INLINE_OPT static\n#include "one_file.inc"\n' >"$last"
  if [ -n "$settled" ]; then straight "${last%.cpp}.inc"; fi
}
# Verilator's evaluation looks in loops for what else an edge may have set off: inputs' logic that inputs' logic changes,
# clocks that clocks make. Here one group of logic follows from inputs and nothing happens between an edge and its
# assignments, which is looked up in what was generated; then the same is done without the loops. Another edge behind the
# assignments (a reset made by a register) is looked for as ever. Text of another Verilator is left as it is.
straight() { # FILE with the evaluation
  local r=${prefix}___024root all
  all=$(cat "$dir"/*.inc)
  body() { awk -v head="void ${r}___$1(" 'index($0, head) == 1 && /\{$/ {on = 1; next} on && /^\}/ {exit} on' <<<"$all" | grep -v -e 'Prevent unused' -e VL_ATTR_UNUSED -e VL_DEBUG_IF -e '// Body'; }
  [ "$(body eval_ico | tr -d ' \n')" = "if(vlSelf->__VicoTriggered.at(0U)){${r}___ico_sequent__TOP__0(vlSelf);}" ] || return 0
  [ -z "$(body eval_act)" ] || return 0
  case $(body eval_triggers__ico | head -n 1) in *'__VicoTriggered.at(0U) = (0U == vlSelf->__VicoIterCount);') ;; *) return 0 ;; esac
  case $(body eval) in *__VicoIterCount*__VnbaIterCount*__VactIterCount*) ;; *) return 0 ;; esac
  awk -v r="$r" -v clock="$settled" '
    $0 == "void " r "___eval(" r "* vlSelf) {" {
      print
      print "    if (!vlSelf->" clock ") " r "___ico_sequent__TOP__0(vlSelf);"
      print "    for (;;) {"
      print "        " r "___eval_triggers__act(vlSelf);"
      print "        if (!vlSelf->__VactTriggered.any()) return;"
      print "        vlSelf->__VnbaTriggered = vlSelf->__VactTriggered;"
      print "        " r "___eval_nba(vlSelf);"
      print "    }"
      on = 1
    }
    on && /^}/ {on = 0}
    !on' "$1" >"$1.new"
  mv "$1.new" "$1"
}
one_file
jobs=(-j "${JOBS:-$(nproc)}")
case ${MAKEFLAGS:-} in *--jobserver*) jobs=() ;; esac
"${MAKE:-make}" "${jobs[@]}" -C "$dir" -f "$prefix.mk" -s CXX="${CXX:-g++}" OPT_FAST="${VERILATE_FAST:--O3}" OPT_SLOW="${VERILATE_SLOW:--O1}" OPT_GLOBAL="-O2" \
  >"$dir/make.log" 2>&1 || { tail -n 40 "$dir/make.log" >&2; exit 1; }
if [ -f "$dir/${prefix}__ALL.a" ]; then cp "$dir/${prefix}__ALL.a" "$dir/lib$prefix.a"; fi
test -f "$dir/lib$prefix.a"
