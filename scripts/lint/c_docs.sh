#!/usr/bin/env bash
# c_docs.sh HEADER...: a function of a public header (inline one-liners aside) follows a comment, ends with one, or stands
# right below a documented function. Prints those that do not; exit code 1 then.
set -euo pipefail
awk '
  FNR == 1 { documented = 0 }
  /^[ \t]*$/ { documented = 0 }
  /\*\/[ \t]*$/ { documented = 1 }
  !/^static inline/ && /^(TETRA_NODISCARD )?[a-z][A-Za-z0-9_ *]*[ *]tetra_[a-z0-9_]+\(/ && !documented {
    printf "%s:%d: function without a comment: %s\n", FILENAME, FNR, $0; bad = 1
  }
  END { exit bad }' "$@"
