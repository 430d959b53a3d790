#!/usr/bin/env bash
# rooms_test.sh SCRIPT: the lint of rooms accepts an order that holds and names what is against it.
set -euo pipefail
script=$(realpath "$1") dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir -p low/deep high
echo 'set(sim_rooms low high)' >CMakeLists.txt
printf '%s\n' '#include "low/a.h"' >high/b.c
printf '%s\n' '#include <high/of_the_system.h>' '/* "high/b.h" */' >low/deep/a.c
fail() { echo "rooms_test.sh: $1" >&2; exit 1; }

"$script" . || fail "found something where nothing is"
echo '#include "high/b.h"' >>low/deep/a.c
if "$script" . >found.txt 2>&1; then fail "an include against the order was not found"; fi
grep -q '^low/deep/a.c:3:#include "high/b.h"$' found.txt || fail "the include was not named"
sed -i '$d' low/deep/a.c
mkdir other && touch other/c.c
if "$script" . 2>found.txt; then fail "a room that is not in the order was not found"; fi
grep -q 'other/ has C files' found.txt || fail "the room was not named"
rm -r other
mkdir src && mv low high src
"$script" . || fail "found something where nothing is, in src/"
echo '#include "high/b.h"' >>src/low/deep/a.c
if "$script" . >found.txt 2>&1; then fail "an include against the order was not found in src/"; fi
