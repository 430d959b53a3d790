/* A study's networks over its images. */
#ifndef TETRA_SIM_SWEEP_ACCURACY_H
#define TETRA_SIM_SWEEP_ACCURACY_H

#include "commands/sweep/answer.h"
#include "files/study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills images, top1 and top5 for the point's network and bits. As sim_runner_run. */
TETRA_NODISCARD int sweep_accuracy(const struct sim_study *s, const struct sim_point *p, struct sweep_answer *a,
                                   struct tetra_error *err);
/* A point of each network and bits whose accuracy is asked for, in order: points[i] becomes 1 for those, 0 for others.
 */
TETRA_NODISCARD int sweep_choose_accuracy(const struct sim_study *s, unsigned char *points, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
