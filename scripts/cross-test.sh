#!/usr/bin/env bash
# cross-test.sh [FOLDER]: the fast path's kernels for 64-bit Arm against the plain loops, compiled by aarch64-linux-gnu-gcc
# and run by qemu-aarch64 (gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user). BLAS is three plain loops here.
# Exit code 0: they agree; 1: they do not; 77: skipped, a tool is missing.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/build/cross}
for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
mkdir -p "$out"
cat >"$out/cblas.h" <<'H'
enum { CblasRowMajor, CblasNoTrans, CblasTrans };
static inline void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                               const float *b, int ldb, float beta, float *c, int ldc) {
  (void)order, (void)ta, (void)tb;
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      float sum = 0;
      for (int l = 0; l < k; l++) sum += a[i * lda + l] * b[j * ldb + l];
      c[i * ldc + j] = alpha * sum + (beta != 0 ? beta * c[i * ldc + j] : 0);
    }
}
H
objects=()
for source in "$root"/cmodel/src/{core,ref,fast,fast/blas,fast/kernels,quant}/*.c "$root"/cmodel/src/run.c "$root"/tests/cmodel/fast/kernels_cross.c; do
  flags=()
  case $source in
    */fast/blas/threads.c) continue ;; # only sets OpenBLAS's threads
    */kernels/dotprod.c) flags=(-march=armv8.2-a+dotprod) ;;
  esac
  object=$out/$(basename "$(dirname "$source")")-$(basename "$source" .c).o
  aarch64-linux-gnu-gcc -std=c11 -O2 -Wall -Wextra -Werror -DTETRA_ARM_KERNELS "${flags[@]}" -I"$out" \
    -I"$root/cmodel/include" -I"$root/cmodel/src" -c "$source" -o "$object"
  objects+=("$object")
done
aarch64-linux-gnu-gcc -static "${objects[@]}" -lm -lpthread -o "$out/kernels_cross"
qemu-aarch64 -cpu max "$out/kernels_cross"
