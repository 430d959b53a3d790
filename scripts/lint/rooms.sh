#!/usr/bin/env bash
# rooms.sh [FOLDER...]: in each FOLDER no file includes a room that comes after its own in the order that
# FOLDER/CMakeLists.txt gives as "set(..._rooms ...)", and every folder with C files is a room (rooms are folders of FOLDER,
# or of FOLDER/src). Without FOLDER: cmodel and sim, and no library includes a header of one that it may not know.
# Prints each include against the order; exit code 1 where there is one.
set -euo pipefail
script=$(basename "$0")
status=0

check_folder() {
  local rooms=() later path name room
  read -r -a rooms < <(sed -n 's/^set([a-z]*_rooms \(.*\))$/\1/p' "$1/CMakeLists.txt") || true
  [ ${#rooms[@]} -gt 0 ] || { echo "$script: no line 'set(..._rooms ...)' in $1/CMakeLists.txt" >&2; exit 1; }
  cd "$1"
  [ ! -d src ] || cd src
  later=("${rooms[@]}")
  for room in "${rooms[@]}"; do
    later=("${later[@]:1}")
    [ ${#later[@]} -gt 0 ] || break
    if grep -rnE "^#include \"($(IFS='|'; echo "${later[*]}"))/" "$room"; then
      echo "$room/ comes before them in ${1##*/}/CMakeLists.txt" >&2
      status=1
    fi
  done
  for path in */; do
    name=${path%/}
    if [[ " ${rooms[*]} " != *" $name "* ]] && [ -n "$(find "$name" -name '*.c' -print -quit)" ]; then
      echo "$name/ has C files and is not among the rooms of ${1##*/}/CMakeLists.txt" >&2
      status=1
    fi
  done
}

# check_library LIBRARY OTHER...: no file of LIBRARY includes a public header of an OTHER.
check_library() {
  local other headers
  for other in "${@:2}"; do
    headers=$(cd "$other/include" && find . -name '*.h' -o -name '*.def' | sed 's|^\./||' | paste -sd '|')
    if grep -rnE "^#include \"($headers)\"" "$1"; then
      echo "$1/ knows nothing of $other/" >&2
      status=1
    fi
  done
}

if [ $# -eq 0 ]; then
  cd "$(dirname "$0")/../.."
  set -- "$PWD/cmodel" "$PWD/sim"
  check_library cmodel driver import quantize train
  check_library driver import quantize train
  check_library import driver quantize train
  check_library quantize driver train
  check_library train driver
fi
for folder; do (check_folder "$(cd "$folder" && pwd)"; exit $status) || status=1; done
exit $status
