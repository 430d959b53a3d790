/* How the BLAS behind the fast path and calibration uses this machine. */
#ifndef TETRA_BLAS_H
#define TETRA_BLAS_H

#ifdef __cplusplus
extern "C" {
#endif

/* One thread for every later BLAS call of this process and of its children: its products are short, its threads wait
 * for each other by spinning, and on a busy machine that takes many times what it saves. Where the user has set
 * OPENBLAS_NUM_THREADS, that stands. For programs to call once at their start: a library's user decides for himself.
 * Results do not depend on it. */
void tetra_blas_use_one_thread(void);

#ifdef __cplusplus
}
#endif

#endif
