/* The values of a study's axes, as its JSON has them. */
#ifndef TETRA_SIM_STUDY_VALUES_H
#define TETRA_SIM_STUDY_VALUES_H

#include "files/study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of one axis; owned. */
struct sim_values {
  double *v;
  int n;
};

/* Reads what the object says of the axis: a value, a list of them, or of numbers {"from", "to", "times" or "step"}; the
 * usual one where it says nothing. `where` begins messages ("study 'x.json'"). TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_values_read(const char *where, const cJSON *object, enum sim_axis axis, struct sim_study *s,
                                    struct sim_values *values, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
