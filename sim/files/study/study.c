/* What is asked of a study that was read. */
#include "files/study/study.h"

#include <stdlib.h>
#include <string.h>

#include "cli/hardware.h"

static struct sim_options hardware_of(const struct sim_point *p) {
  struct sim_options o = {0};
  o.array = (unsigned)p->v[SIM_AXIS_ARRAY];
  for (int b = 0; b < SIM_BUFFERS; b++) o.buffers[b] = (uint32_t)p->v[SIM_AXIS_act + b];
  return o;
}

struct tetra_caps sim_study_caps(const struct sim_point *p) {
  const struct sim_options o = hardware_of(p);
  return sim_hardware_caps(&o);
}

int sim_point_is(const struct sim_point *p, const struct sim_point *q) {
  int a = 0;
  while (a < SIM_AXES && p->v[a] == q->v[a]) a++;
  return a == SIM_AXES;
}

const char *sim_study_name(const struct sim_study *s, const struct sim_point *p, enum sim_axis axis) {
  return p->v[axis] < 0 ? NULL : s->names[axis][(int)p->v[axis]];
}

int sim_study_is_file(const struct sim_study *s, const struct sim_point *p) {
  return strchr(sim_study_name(s, p, SIM_AXIS_NETWORK), '.') != NULL;
}

char *sim_study_path(const struct sim_study *s, const char *name) {
  const size_t folder = name[0] == '/' ? 0 : strlen(s->folder), n = strlen(name);
  char *path = malloc(folder + n + 1);
  if (path == NULL) return NULL;
  memcpy(path, s->folder, folder);
  memcpy(path + folder, name, n + 1);
  return path;
}
