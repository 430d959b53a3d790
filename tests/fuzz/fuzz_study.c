/* Fuzzes the reader of studies: any text gives different points within the axes' bounds, or a reason. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "files/study/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COMBINATIONS = 2000 }; /* more only take longer */

static void check_point(const struct sim_study *s, const struct sim_point *p) {
  for (int a = 0; a < SIM_AXES; a++) {
    const struct sim_axis_row *row = &sim_axes[a];
    const double v = p->v[a];
    if (row->kind == SIM_AXIS_NAME && (v < -1 || v >= s->n_names[a])) abort();
    if (row->kind != SIM_AXIS_NAME && v != 0 && !(v >= row->least && v <= row->most)) abort();
  }
  const char *network = sim_study_name(s, p, SIM_AXIS_NETWORK);
  if (network == NULL || strlen(network) > 200) abort();
  char *path = sim_study_path(s, network);
  if (path == NULL || strlen(path) < strlen(network)) abort();
  free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1); /* no byte longer */
  struct sim_study s;
  struct tetra_error err = {0, ""};
  if (text == NULL) return 0;
  if (size != 0) memcpy(text, data, size);
  if (sim_study_parse("folder/study.json", text, size, COMBINATIONS, &s, &err) == TETRA_OK) {
    if (s.n_points < 1) abort();
    for (int i = 0; i < s.n_points && i < COMBINATIONS; i++) {
      check_point(&s, &s.points[i]);
      if (i > 0 && sim_point_is(&s.points[i], &s.points[i - 1])) abort();
    }
    sim_study_free(&s);
  } else if (err.code == TETRA_OK || err.msg[0] == '\0' || strchr(err.msg, '\n') != NULL) {
    abort();
  }
  free(text);
  return 0;
}
