#!/usr/bin/env bash
# c_docs_test.sh SCRIPT: the lint of public headers names functions without a comment.
set -euo pipefail
script=$(realpath "$1") dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >good.h <<'EOF'
/* One. */
int tetra_one(void);
TETRA_NODISCARD int tetra_with_it(void);

static inline int tetra_plain(void) { return 1; }
void tetra_at_its_end(void); /* said here */
EOF
printf '%s\n' '/* Two. */' 'int tetra_two(void);' '' 'const char *tetra_three(void);' '' 'TETRA_NODISCARD int tetra_four(void);' >bad.h
fail() { echo "c_docs_test.sh: $1" >&2; cat found.txt >&2; exit 1; }

"$script" good.h >found.txt || fail "found something where nothing is"
if "$script" bad.h good.h >found.txt; then fail "functions without a comment were not found"; fi
printf 'bad.h:%s\n' '4: function without a comment: const char *tetra_three(void);' \
  '6: function without a comment: TETRA_NODISCARD int tetra_four(void);' | cmp - found.txt || fail "other lines than expected"
