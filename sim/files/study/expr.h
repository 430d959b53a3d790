/* Constraints of a study: "sram <= 512K", "array * array * 4 <= 1024", "dram_bytes_per_cycle <= 2 * array". */
#ifndef TETRA_SIM_STUDY_EXPR_H
#define TETRA_SIM_STUDY_EXPR_H

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SIM_EXPR_CHARS = 200, SIM_EXPR_NAMES = 24 };

/* Names that a constraint may use, and their values. */
struct sim_expr_names {
  const char *name[SIM_EXPR_NAMES];
  double value[SIM_EXPR_NAMES];
  int n;
};

/* SUM CMP SUM, CMP one of <= < >= > == !=; sums of products of numbers (K, M, G behind one: times 1024, 1024^2,
 * 1024^3), names and sums in parentheses, with + - * / of double precision. Nothing holds of what is no number (0 / 0).
 * *holds is 1 or 0. TETRA_EINVAL: the text is longer than SIM_EXPR_CHARS or none; the message names it, and where it
 * fails. */
TETRA_NODISCARD int sim_expr_holds(const char *text, const struct sim_expr_names *names, int *holds,
                                   struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
