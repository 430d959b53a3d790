#!/usr/bin/env bash
# merge-archives.sh AR OUT ARCHIVE...: one static library of all members of others.
set -euo pipefail
ar=$1 out=$2
shift 2
{
  echo "CREATE $out"
  for archive in "$@"; do echo "ADDLIB $archive"; done
  echo SAVE
  echo END
} | "$ar" -M
