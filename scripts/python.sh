#!/usr/bin/env bash
# python.sh FOLDER [PYTHON]: installs the Python package into a fresh virtual environment in FOLDER, and runs its tests, the notebook
# in python/examples/ among them. Takes minutes, and packages from PyPI.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?a folder for the virtual environment}
rm -rf "$folder"
"${2:-python3}" -m venv "$folder"
start=$SECONDS
"$folder/bin/pip" install --quiet "$root/python"
echo "python.sh: pip install ./python took $((SECONDS - start)) s"
"$folder/bin/pip" install --quiet pytest nbclient nbformat ipykernel matplotlib
exec "$folder/bin/python" -m pytest -q "$root/python/tests"
