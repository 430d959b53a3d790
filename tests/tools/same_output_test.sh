#!/usr/bin/env bash
# same_output_test.sh SCRIPT BUILD: scripts/same-output.sh finds a build equal to itself, and notices a program that
# prints another digit, a program that ends with another exit code and a header that changes a plan.
set -euo pipefail
script=$1 build=$2
config="resnet18 w8a8 8x8"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

expect() { # exit code, text in the output, arguments of the script
  local want=$1 text=$2 code=0
  shift 2
  "$script" "$@" >"$work/out.txt" 2>&1 || code=$?
  if [[ $code != "$want" ]] || ! grep -qF "$text" "$work/out.txt"; then
    echo "same-output.sh $*: exit code $code, wanted $want and '$text' in"
    cat "$work/out.txt"
    exit 1
  fi
}

# Another build: the real one's libraries, and a program and headers that a test changes.
source=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt")
mkdir -p "$work/build" "$work/source/cmodel" "$work/source/driver"
ln -s "$build/cmodel" "$build/driver" "$work/build/"
cp -r "$source/cmodel/include" "$work/source/cmodel/"
cp -r "$source/driver/include" "$work/source/driver/"
cp "$source/cmodel/CMakeLists.txt" "$work/source/cmodel/"
cp "$source/driver/CMakeLists.txt" "$work/source/driver/"
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$work/source" >"$work/build/CMakeCache.txt"

program() { # what the other build's program does, after the real one
  printf '#!/bin/sh\n"%s/sim" "$@" >"%s/said.txt" 2>&1; code=$?\n%s\n' "$build" "$work" "$1" >"$work/build/sim"
  chmod +x "$work/build/sim"
}

program "cat \"$work/said.txt\"; exit \$code"
expect 0 "same output" "$build" "$work/build" "model:$config"
expect 0 "same output" "$build" "$work/build" "plans:$config"
program "sed '/^total/s/[0-9]/#/' \"$work/said.txt\"; exit \$code"
expect 1 "DIFFERENT: resnet18.w8a8.8.8.txt" "$build" "$work/build" "model:$config"
program "cat \"$work/said.txt\"; exit 3"
expect 1 "DIFFERENT: resnet18.w8a8.8.4.txt" "$build" "$work/build" "model:$config"
sed -i '/DEF_ACT_WORDS/s/16384/8192/' "$work/source/driver/include/tetra/hw_fields.def"
expect 1 "DIFFERENT: plans" "$build" "$work/build" "plans:$config"
expect 2 "no configuration is called" "$build" "$build" "plans:resnet17"
expect 2 "is no build folder" "$build" "$work" model
