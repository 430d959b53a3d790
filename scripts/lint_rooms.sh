#!/usr/bin/env bash
# lint_rooms.sh [FOLDER]: no file of sim/ includes a room that comes after its own in the order that FOLDER/CMakeLists.txt
# (default: sim) gives as sim_rooms, and every folder with C files is a room. Prints each include against the order; exit
# code 1 where there is one.
set -euo pipefail
folder=${1:-$(dirname "$0")/../sim}
read -r -a rooms < <(sed -n 's/^set(sim_rooms \(.*\))$/\1/p' "$folder/CMakeLists.txt")
[ ${#rooms[@]} -gt 0 ] || { echo "lint_rooms.sh: no line 'set(sim_rooms ...)' in $folder/CMakeLists.txt" >&2; exit 1; }
cd "$folder"

status=0 later=("${rooms[@]}")
for room in "${rooms[@]}"; do
  later=("${later[@]:1}")
  [ ${#later[@]} -gt 0 ] || break
  if grep -rnE "^#include \"($(IFS='|'; echo "${later[*]}"))/" "$room"; then
    echo "$room/ comes before them in sim_rooms (CMakeLists.txt)" >&2
    status=1
  fi
done
for path in */; do
  name=${path%/}
  if [[ " ${rooms[*]} " != *" $name "* ]] && [ -n "$(find "$name" -name '*.c' -print -quit)" ]; then
    echo "$name/ has C files and is not in sim_rooms (CMakeLists.txt)" >&2
    status=1
  fi
done
exit $status
