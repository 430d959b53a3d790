#!/usr/bin/env bash
# docs_test.sh SCRIPT: the lint of docs accepts what exists and names each link, path and name that does not.
set -euo pipefail
command -v python3 >/dev/null || exit 77
script=$(realpath "$1") dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir -p docs lib/src
echo 'int tetra_there(void); enum { TETRA_ONE };' >lib/src/a.h
cat >docs/page.md <<'EOF'
# A page, *with* `marks`

[itself](#a-page-with-marks), [the other](../README.md#more), `lib/src/a.h`, `src/a.h`, `a.h`, `lib/src/`, `lib/{src}/a.h`,
`tetra_there(x)`, `TETRA_ONE`, `TETRA_*`, `lib/NAME.c`, `./sim model.onnx`, [elsewhere](https://example.org/none).

## Again

[twice](#again-1)

## Again
EOF
printf '# R\n\n## More\n\n[page](docs/page.md)\n' >README.md
fail() { echo "docs_test.sh: $1" >&2; cat found.txt >&2; exit 1; }

"$script" . >found.txt || fail "found something where nothing is"
refused() { # line, text in the message
  echo "$1" >>README.md
  if "$script" . >found.txt; then fail "not found: $1"; fi
  grep -qF "README.md:6: $2" found.txt || fail "not named: $1"
  sed -i '$d' README.md
}
refused '[gone](docs/gone.md)' 'link to docs/gone.md: no such file'
refused '[page](docs/page.md#again-2)' 'link to docs/page.md#again-2: no such heading'
refused '[page](docs/page.md#gone)' 'link to docs/page.md#gone: no such heading'
# shellcheck disable=SC2016
{
  refused '`lib/src/b.h`' '`lib/src/b.h`: no such file'
  refused '`lib/{src,gone}/a.h`' '`lib/gone/a.h`: no such file'
  refused '`b.h`' '`b.h`: no such file'
  refused '`lib/gone/`' '`lib/gone/`: no such file'
  refused 'calls `tetra_gone()`' '`tetra_gone`: no such name'
  refused '`TETRA_GONE`' '`TETRA_GONE`: no such name'
}
