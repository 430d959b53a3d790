/* A point as the command line that a user would give for it: what it means, and what is refused, has one home. */
#ifndef TETRA_SIM_SWEEP_LINE_H
#define TETRA_SIM_SWEEP_LINE_H

#include "cli/settings.h"
#include "files/study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SWEEP_ARGUMENTS = 48 };

struct sweep_line {
  char *argv[SWEEP_ARGUMENTS];
  int argc;
  char numbers[SIM_AXES][32];
  char limit[16];
  char *network, *bits; /* paths; owned */
};

enum sweep_line_kind { SWEEP_LINE_MODEL, SWEEP_LINE_RTL, SWEEP_LINE_IMAGES };

/* *o borrows from *l and from the study. As sim_options_parse, TETRA_ENOMEM; sweep_line_free is due in any case. */
TETRA_NODISCARD int sweep_line_read(const struct sim_study *s, const struct sim_point *p, enum sweep_line_kind kind,
                                    struct sweep_line *l, struct sim_options *o, struct tetra_error *err);
void sweep_line_free(struct sweep_line *l);

#ifdef __cplusplus
}
#endif
#endif
