#!/usr/bin/env bash
# includes_test.sh SCRIPT: runs the lint of standard headers over files with known gaps and without, and compares
# what it prints. Exit code 77: no python3.
set -euo pipefail
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
script=$(realpath "$1") dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir good bad

printf '%s\n' '#include <vector>' '#include <cstdint>' 'inline std::vector<uint8_t> bytes();' >good/bytes.h
printf '%s\n' '#include <algorithm>' '#include "bytes.h"' '// std::map in a comment is no use of it' \
  'int f(std::vector<uint8_t> v) { return std::max(v[0], v[1]); }' >good/uses_its_own_header.cc
printf '%s\n' 'int f(void) { return memcmp("", "", 0); }' >good/of_c.h

printf '%s\n' '#include <vector>' 'int f(std::vector<int> v) { return *std::max_element(v.begin(), v.end()); }' >bad/algorithm.cc
printf '%s\n' '#include <string>' 'uint32_t f(std::string s) { return s.size(); }' >bad/cstdint.h
printf '%s\n' 'int f() { return std::not_in_the_table(1); }' >bad/unknown.cc
printf '%s\n' '#include <string>' 'int f() { return errno; }' 'const char *g = "getenv(x)";' >bad/errno.cc

python3 "$script" "$dir/good" >good.txt || { echo "includes_test.sh: found something where nothing is:" >&2; cat good.txt >&2; exit 1; }
status=0
python3 "$script" "$dir/bad" >bad.txt || status=$?
[ "$status" = 1 ] || { echo "includes_test.sh: exit code $status instead of 1" >&2; exit 1; }
diff - bad.txt <<'EXPECTED'
bad/algorithm.cc: std::max_element needs <algorithm>
bad/cstdint.h: uint32_t needs <cstdint>
bad/errno.cc: errno needs <cerrno>
bad/unknown.cc: std::not_in_the_table needs a header this script knows: add it to NAMES
EXPECTED
