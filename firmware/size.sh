#!/usr/bin/env bash
# size.sh SIZE CPU ELF: prints the sizes of a firmware image's sections, by the compiler's own `size`.
set -euo pipefail
"$1" -A "$3" | awk -v cpu="$2" '
  $1 ~ /^\.(text|data|bss|stack)$/ { size[$1] = $2 }
  END { printf "firmware for %s: .text %d, .data %d, .bss %d, stack %d bytes\n", cpu, size[".text"], size[".data"], size[".bss"], size[".stack"] }'
