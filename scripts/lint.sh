#!/usr/bin/env bash
# lint.sh [STEP...]: static checks of the sources, all of them without arguments. Steps:
#   format    clang-format 14 over C and C++: $CLANG_FORMAT, clang-format-14 or clang-format, whichever is of that version
#   tidy      clang-tidy over the C sources that $BUILD (default: build) compiles, checks in .clang-tidy
#   cppcheck  cppcheck over the C sources
#   includes  the standard headers of C++ sources: none that only another header happens to bring
#   rooms     no file of cmodel/ and sim/ includes a room that comes after its own, no library one that it may not know
#   opening   the first line of every C and C++ file says what it is
#   docs      every link, path and name in the README and in docs/ exists
#   rtl       verilator --lint-only -Wall of the whole accelerator at several array sizes, and of a board around it
#   rtl-docs  every RTL parameter, and every port that carries a number, has a /// line (CONTRIBUTING.md has the rule)
#   c-docs    every function in a public header has a comment
#   api       doxygen over the public headers: what it does not understand, or does not find
#   scripts   shellcheck
# lint.sh --unchecked: which steps cannot be done here, and why, one a line.
# Exit code 0: nothing found; 1: something; 77: a single step was asked for and its tool is missing.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
jobs=${JOBS:-2} build=${BUILD:-build}
clang_format_major=14 # Debian 12's; other versions break lines differently

have() { command -v "$1" >/dev/null; }
c_and_cxx_files() { find python/src cmodel driver firmware equiv import quantize sim synth/fpga tests train -name '*.c' -o -name '*.h' -o -name '*.cc' | sort; }

clang_format=''
for candidate in "${CLANG_FORMAT:-}" clang-format-$clang_format_major clang-format; do
  if [ -z "$clang_format" ] && [ -n "$candidate" ] && have "$candidate" &&
     "$candidate" --version | grep -q "version $clang_format_major\."; then
    clang_format=$candidate
  fi
done

# Why a step cannot be done here; nothing where it can.
obstacle() {
  local tool
  case $1 in
    format)
      if [ -z "$clang_format" ]; then
        echo "the project is formatted with clang-format $clang_format_major, which is not here; 'pip install clang-format==14.0.6' in a virtual environment has it, CLANG_FORMAT names it"
      fi
      return ;;
    tidy) tool=clang-tidy
      if have clang-tidy && [ ! -f "$build/compile_commands.json" ]; then echo "no $build/compile_commands.json; run: cmake -B $build"; fi ;;
    cppcheck) tool=cppcheck ;;
    includes|docs) tool=python3 ;;
    rtl) tool=verilator ;;
    api) tool=doxygen ;;
    scripts) tool=shellcheck ;;
    *) return ;;
  esac
  have "$tool" || echo "$tool is not installed"
}

lint_format() { c_and_cxx_files | xargs -r "$clang_format" --dry-run -Werror; }

# Compiles as the build does, so it wants a configured build folder. The analyzer follows a function's paths for
# $TIDY_NODES steps: clang's own bound of 225000 takes four times as long as 50000, and found nothing more here.
lint_tidy() {
  local db=$build/compile_commands.json
  # shellcheck disable=SC2016
  sed -n 's/^ *"file": "\(.*\.c\)",\{0,1\}$/\1/p' "$db" | sort -u | xargs -r -n 4 -P "$jobs" bash -c \
    'clang-tidy --quiet --warnings-as-errors="*" --extra-arg=-Wno-unknown-warning-option \
      --extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes="$1" -p "$2" "${@:3}" 2> >(grep -v "warnings\? \(generated\|treated\)\|Processing file" >&2)' _ "${TIDY_NODES:-50000}" "$build"
}

# Suppressed: arithmetic right shifts (relied on, and asserted at compile time), and indices that are out of bounds only if
# a string has no end. normalCheckLevelMaxBranches is no finding: cppcheck 2.11 and newer say so of each longer file.
lint_cppcheck() {
  local includes=() suppress=(missingIncludeSystem normalCheckLevelMaxBranches unknownMacro shiftNegativeLHS
                              shiftTooManyBitsSigned arrayIndexOutOfBoundsCond)
  mapfile -t includes < <(find cmodel driver equiv import quantize sim train -type d -name include -printf '-I%p\n' -o -type d -name src -printf '-I%p\n')
  includes+=(-Isim)
  cppcheck -q -j "$jobs" --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
    "${suppress[@]/#/--suppress=}" --error-exitcode=1 --template=gcc "${includes[@]}" --file-filter='*.c' \
    cmodel/src driver/src driver/tools equiv/src import/src quantize/src sim synth/fpga/host train/src
}

lint_includes() {
  scripts/lint/includes.py
}

lint_rooms() { scripts/lint/rooms.sh; }

lint_opening() {
  local status=0 file
  while read -r file; do
    [[ $(head -n 1 "$file") =~ ^(/\*|//)\ +[^\ ] ]] && continue
    echo "$file:1: no comment that says what the file is"
    status=1
  done < <(c_and_cxx_files)
  return $status
}

lint_docs() { scripts/lint/docs.py; }

lint_rtl() {
  local n status=0 files=() bare
  mapfile -t files < <(find rtl -name '*.vlt' && find rtl -name 'tetra_*.sv' ! -name tetra_pkg.sv | sort) # waivers first
  for n in 4 8 16 32 64; do
    verilator --lint-only -Wall --top-module tetra_top -GN="$n" -Irtl/compute -Irtl/output -Irtl/control rtl/tetra_pkg.sv "${files[@]}" || {
      echo "verilator --lint-only: above at N = $n" >&2
      status=1
    }
  done
  # A board around it, without the memory that FPGAs have.
  mapfile -t files < <(find rtl synth/fpga/board -name '*.vlt' && find rtl -name 'tetra_*.sv' ! -name tetra_pkg.sv | sort && ls synth/fpga/board/*.sv)
  verilator --lint-only -Wall --top-module ulx3s -Irtl/compute -Irtl/output -Irtl/control rtl/tetra_pkg.sv "${files[@]}" || status=1
  # Sizes come from the top: an inner module's "= 0" is there for tools that want a default, and no instance may use it.
  bare=$(mktemp -d)
  cp rtl/tetra_*.sv rtl/*/tetra_*.sv rtl/*/*.svh "$bare"
  sed -i -E 's/^(  parameter int \w+) = 0(,?)$/\1\2/' "$bare"/*.sv
  mapfile -t files < <(find "$bare" -name "*.sv" ! -name tetra_pkg.sv)
  verilator --lint-only -Wno-lint -Wno-style --top-module tetra_top -I"$bare" "$bare/tetra_pkg.sv" "${files[@]}" || status=1
  if grep -HnE '^  parameter int \w+ *=' rtl/tetra_*.sv rtl/*/tetra_*.sv | grep -vE 'rtl/tetra_top.sv:| = 0,?$'; then
    echo "above: a size of an inner module with a default that may be mistaken for a build's" >&2
    status=1
  fi
  rm -rf "$bare"
  return $status
}

# Ports of the proofs in rtl/formal/ are free inputs, named after what they drive.
lint_rtl_docs() { scripts/lint/rtl_docs.sh rtl/tetra_*.sv rtl/*/tetra_*.sv synth/fpga/board/*.sv; }

lint_c_docs() { scripts/lint/c_docs.sh {cmodel,driver,equiv,import,quantize,train}/include/tetra/*.h; }

lint_api() {
  local out status=0
  out=$(mktemp -d)
  { cat docs/Doxyfile; echo "OUTPUT_DIRECTORY = $out"; } | doxygen - || status=1
  rm -rf "$out"
  return $status
}

lint_scripts() {
  find scripts .ci import tests -type f \( -name '*.sh' -o -path '.ci/run' \) -print0 | xargs -0 shellcheck
}

all=(format tidy cppcheck includes rooms opening docs rtl rtl-docs c-docs api scripts)
if [ "${1:-}" = --unchecked ]; then
  for step in "${all[@]}"; do
    why=$(obstacle "$step")
    [ -z "$why" ] || echo "$step: $why"
  done
  exit 0
fi

steps=("$@")
[ $# -gt 0 ] || steps=("${all[@]}")
failed=()
unchecked=()
for step in "${steps[@]}"; do
  [ "$(type -t "lint_${step//-/_}")" = function ] || { echo "lint.sh: unknown step '$step'; 'head scripts/lint.sh' lists them" >&2; exit 2; }
  why=$(obstacle "$step")
  if [ -n "$why" ]; then
    echo "lint: $step skipped: $why"
    unchecked+=("$step")
    continue
  fi
  echo "lint: $step"
  "lint_${step//-/_}" || failed+=("$step")
done
[ ${#failed[@]} -eq 0 ] || { echo "lint: failed: ${failed[*]}" >&2; exit 1; }
if [ ${#unchecked[@]} -gt 0 ]; then
  echo "lint: NOT CHECKED: ${unchecked[*]}" >&2
  [ ${#steps[@]} -gt 1 ] || exit 77
fi
