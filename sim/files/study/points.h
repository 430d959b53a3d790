/* The points of a study: cross products, samples of them, and points that are named one by one. */
#ifndef TETRA_SIM_STUDY_POINTS_H
#define TETRA_SIM_STUDY_POINTS_H

#include "files/study/study.h"
#include "files/study/values.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_sample_method { SIM_SAMPLE_ALL, SIM_SAMPLE_RANDOM, SIM_SAMPLE_LATIN };

struct sim_sample {
  enum sim_sample_method method;
  int count;
  uint64_t seed;
};

/* A growing set of different points. */
struct sim_point_set {
  struct sim_point *points; /* owned */
  int n, room;
  int32_t *slots; /* owned: a table of numbers of points + 1 */
  uint32_t n_slots;
  long long n_excluded, n_equal; /* points that were not added: a constraint excludes them, or they are there already */
};

/* Adds the point as it will be run (what does not apply to it becomes 0, buffers those of a build) where it meets the
 * study's constraints and is not there yet. TETRA_EINVAL: a constraint is none, or there are more than
 * SIM_STUDY_POINTS; TETRA_ENOMEM. */
TETRA_NODISCARD int sim_points_add(struct sim_point_set *set, const struct sim_study *s, struct sim_point p,
                                   struct tetra_error *err);
/* Adds the product of the values, or a sample of it; `most` bounds how many combinations are looked at without one.
 * *drawn: of a sample, the points drawn. As sim_points_add. */
TETRA_NODISCARD int sim_points_product(struct sim_point_set *set, const struct sim_study *s, const char *where,
                                       const struct sim_values values[SIM_AXES], const struct sim_sample *sample,
                                       long long most, long long *drawn, struct tetra_error *err);
/* Frees the table, and the points where they were not taken (points set to NULL). */
void sim_points_free(struct sim_point_set *set);

#ifdef __cplusplus
}
#endif
#endif
