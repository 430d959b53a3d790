#!/usr/bin/env bash
# check.sh [CTEST-ARGUMENTS...]: everything that must hold. Installs what is missing, builds all (every array size in
# $ARRAYS), runs the C libraries' tests under the address and undefined-behaviour sanitizers, then lint and every test.
# $BUILD is the build folder, $JOBS the number of parallel jobs. Ends with ctest's summary, and names what could not be
# checked here; non-zero where anything failed.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build} jobs=${JOBS:-$(nproc)} arrays=${ARRAYS:-4;8;16;32}
export JOBS=$jobs CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja} # of a new build folder: no recursion of makes

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }
run_tests() { ctest --test-dir "$1" --output-on-failure -j "$jobs" "${@:2}"; }

step "Packages"
scripts/install-deps.sh --dev
step "Build, arrays $arrays"
cmake -S . -B "$build" -DTETRA_ARRAYS="$arrays" -DTETRA_TESTS=ON -DTETRA_WERROR=ON
cmake --build "$build" -j "$jobs"
step "Build with sanitizers"
# Warnings are errors above, where the same files are compiled: what GCC 14 says of out-of-bounds accesses in instrumented
# code is wrong (std::vector of an initializer list).
cmake -S . -B "$build-sanitize" -DTETRA_SANITIZE=ON -DTETRA_TESTS=ON -DTETRA_WERROR=OFF
cmake --build "$build-sanitize" -j "$jobs" --target sanitized_tests

status=0
step "C libraries under sanitizers"
# Left out: whole networks, which are slow. A name in CTEST-ARGUMENTS may leave nothing here.
GTEST_FILTER='-*QuantizeResNet20*' run_tests "$build-sanitize" -L '^sanitized$' "$@" || status=$?
step "Lint and every test"
run_tests "$build" --no-tests=error "$@" || status=$?
unchecked=$(BUILD=$build scripts/lint.sh --unchecked)
[ -z "$unchecked" ] || printf '\nNOT CHECKED HERE, because a tool is missing or of another version:\n%s\n' "$unchecked"
exit "$status"
