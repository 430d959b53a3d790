#!/usr/bin/env bash
# icarus.sh [FOLDER]: compiles and runs the self-checking benches of tests/rtl/icarus (units of a 4x4, and the memory that
# FPGAs have in the place of rtl's) with Icarus Verilog 11 or newer, and elaborates the whole accelerator. FOLDER (default
# build/icarus) takes the output.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/build/icarus}
if ! command -v iverilog >/dev/null; then
  echo "icarus.sh: iverilog not found; install the package 'iverilog'" >&2
  exit 2
fi
mkdir -p "$out"
rtl=("$root/rtl/tetra_pkg.sv")
for f in "$root"/rtl/tetra_*.sv "$root"/rtl/*/tetra_*.sv; do [ "$f" = "$root/rtl/tetra_pkg.sv" ] || rtl+=("$f"); done

# FPGAs' memory has the same name, parameters and ports; here it is tetra_sram_fpga, so that a bench can hold both.
ports() { sed -n '/^module /,/^);/p' "$1" | grep -v '^ *///'; }
fpga=$root/synth/fpga/tetra_sram.sv
if ! diff <(ports "$root/rtl/common/tetra_sram.sv") <(ports "$fpga") >&2; then
  echo "icarus.sh: synth/fpga/tetra_sram.sv has other ports than rtl/common/tetra_sram.sv" >&2
  exit 1
fi
sed 's/^module tetra_sram /module tetra_sram_fpga /' "$fpga" >"$out/tetra_sram_fpga.sv"
rtl+=("$out/tetra_sram_fpga.sv")

# compile TOP SOURCES...: stops on an error and on the one warning that means a wrong circuit, an implicit wire.
compile() {
  local top=$1 log="$out/$1.log"
  shift
  if ! iverilog -g2012 -Wimplicit -I "$root/rtl/compute" -I "$root/rtl/output" -I "$root/rtl/control" -s "$top" -o "$out/$top.vvp" "$@" >"$log" 2>&1 || grep -q "implicit definition" "$log"; then
    grep -v "sorry: constant selects" "$log" >&2
    echo "icarus.sh: $top does not compile" >&2
    exit 1
  fi
}

failed=0
# bench FILE [OPTION]: one bench, compiled with the option.
bench() {
  local name
  name=$(basename "$1" .sv)
  compile "$name" "${@:2}" "${rtl[@]}" "$1"
  if vvp -n "$out/$name.vvp" >"$out/$name.out" 2>&1 && grep -qx PASS "$out/$name.out" && ! grep -qi "error" "$out/$name.out"; then
    echo "icarus: $name${2:+ $2} passed"
  else
    cat "$out/$name.out" >&2
    echo "icarus: $name${2:+ $2} FAILED" >&2
    failed=1
  fi
}
for tb in "$root"/tests/rtl/icarus/*_tb.sv; do bench "$tb"; done
# As synthesis reads them: without the enables that only save a simulator's work, products as rows of bits.
for unit in pe array requant core; do bench "$root/tests/rtl/icarus/${unit}_tb.sv" -DSYNTHESIS; done
compile tetra_top "${rtl[@]}"
echo "icarus: tetra_top elaborates (4x4)"
exit $failed
