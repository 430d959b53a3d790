/* Result codes and one-line error messages shared by every Tetra C library. */
#ifndef TETRA_STATUS_H
#define TETRA_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* Before a function whose result says whether it worked: the compiler warns where a caller drops it. Where a failure
 * really does not matter, callers say so by a condition (`if (f() != TETRA_OK) ...`) with a reason, not by a cast. */
#if defined(__GNUC__)
#define TETRA_NODISCARD __attribute__((warn_unused_result))
#else
#define TETRA_NODISCARD
#endif

/* Every fallible public function returns one of these; 0 is success. */
enum tetra_status {
  TETRA_OK = 0,
  TETRA_EINVAL = 1,   /* an argument or file is not what is accepted */
  TETRA_ENOMEM = 2,   /* an allocation failed */
  TETRA_ERANGE = 3,   /* does not fit: accumulator, address space, buffer */
  TETRA_EIO = 4,      /* a file could not be read or written */
  TETRA_EHW = 5,      /* the accelerator reported an error */
  TETRA_ETIMEOUT = 6, /* the accelerator did not answer in time */
  TETRA_EDIFF = 7     /* the accelerator's results are not the C model's */
};

/* Where a failing function says why. Callers may pass NULL wherever a `struct tetra_error *` is taken. */
struct tetra_error {
  int code;      /* enum tetra_status */
  char msg[400]; /* one line, no trailing newline, names the offending value and what is accepted */
};

/* Fills *err (if not NULL) with `code` and the formatted message, of which the end stays where there is no room for all
 * of it: paths and names tell most there, and the reason follows them. Returns `code`, so that callers write
 * `return tetra_fail(err, TETRA_EINVAL, "...")`. */
int tetra_fail(struct tetra_error *err, int code, const char *fmt, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

#ifdef __cplusplus
}
#endif
#endif
