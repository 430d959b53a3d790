#!/usr/bin/env bash
# cocotb_test.sh SIM SOURCE SCRATCH [PYTHON]: the cocotb bench in python/examples/cocotb runs a stored plan on the RTL and finds the C model's
# output; with another expected output it fails. Exit code 77 where cocotb, cocotbext-axi or a Verilator that cocotb takes is missing.
set -euo pipefail
sim=$1 bench=$2/python/examples/cocotb network=$2/tests/fuzz/corpus/onnx/add_u8_s8_to_u8.onnx python=${4:-python3}
mkdir -p "$3"
cd "$3"
"$sim" "$network" --array 4 --export-plan plan.tplan --vectors vectors >/dev/null
status=0
"$python" "$bench/run.py" plan.tplan vectors >log 2>&1 || status=$?
tail -n 1 log
if [ $status -eq 77 ]; then exit 77; fi
if [ $status -ne 0 ]; then cat log; exit 1; fi
rm -rf wrong && cp -r vectors wrong
printf '\377' | dd of=wrong/output.bin bs=1 seek=3 conv=notrunc status=none
if cmp -s vectors/output.bin wrong/output.bin; then echo "the damaged output is the same"; exit 1; fi
status=0
"$python" "$bench/run.py" plan.tplan wrong >wrong.log 2>&1 || status=$?
if [ $status -ne 1 ] || ! grep -q '^3 tests, failed: output_is_the_c_models$' wrong.log; then
  cat wrong.log
  echo "a wrong output is not seen: exit code $status"
  exit 1
fi
echo "another output is seen"
