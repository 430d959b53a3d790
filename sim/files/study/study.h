/* A study: many points, and what to record of them (docs/sweep.md). */
#ifndef TETRA_SIM_STUDY_H
#define TETRA_SIM_STUDY_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "cli/settings.h"
#include "files/study/axes.h"
#include "tetra/caps.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is recorded beside the cycles. */
enum sim_figures {
  SIM_FIGURES_BYTES = 1,
  SIM_FIGURES_STALLS = 2,
  SIM_FIGURES_UTILIZATION = 4,
  SIM_FIGURES_ENERGY = 8,
  SIM_FIGURES_LAYERS = 16
};

/* Picojoules, what the study says; 0 where it says nothing. */
struct sim_energy {
  double multiply;   /* a multiplication of 4 by 4 bits */
  double dram_byte;  /* read or written, commands too */
  double busy_cycle; /* in which the array takes a pixel */
  double cycle;
};

/* Images and labels for the networks from files. As on a command line; NULL: not given. */
struct sim_study_images {
  const char *input, *labels, *layout, *mean, *std; /* input and labels: paths */
  int limit;
};

enum {
  SIM_STUDY_NAMES = 1024, /* texts of an axis, and values */
  SIM_STUDY_CONSTRAINTS = 16
};
#define SIM_STUDY_POINTS 1000000   /* at most */
#define SIM_STUDY_PRODUCT 10000000 /* combinations that are looked at, without a sample */

struct sim_study {
  cJSON *json;                  /* owned; all texts below are its own, but for the paths */
  char *folder;                 /* of the file, with its '/', or "" */
  const char **names[SIM_AXES]; /* the texts of an axis of names */
  int n_names[SIM_AXES];
  int *batches;                      /* by network: the batch that its file fixes, else 1; 0: not looked up yet */
  int (*batch_of)(const char *path); /* says that of a file; NULL: files are not looked into */
  const char *constraints[SIM_STUDY_CONSTRAINTS];
  int n_constraints;
  unsigned figures; /* enum sim_figures */
  struct sim_energy energy;
  struct sim_study_images images;
  char *input_path, *labels_path;
  struct sim_point *points; /* every one different */
  int n_points;
  long long n_drawn;             /* of a sample: points drawn, of which so many were left out: */
  long long n_excluded, n_equal; /* a constraint excludes them; they equal an earlier one */
};

/* The text of a point's axis of names, NULL where it has none. */
const char *sim_study_name(const struct sim_study *s, const struct sim_point *p, enum sim_axis axis);
/* Is the point's network one from a file? */
TETRA_NODISCARD int sim_study_is_file(const struct sim_study *s, const struct sim_point *p);
/* Where such a file is: beside the study. Freed by the caller; NULL: no memory. */
char *sim_study_path(const struct sim_study *s, const char *name);
/* Do they agree in every axis? */
TETRA_NODISCARD int sim_point_is(const struct sim_point *p, const struct sim_point *q);
/* The accelerator of a point. */
struct tetra_caps sim_study_caps(const struct sim_point *p);

#ifdef __cplusplus
}
#endif
#endif
