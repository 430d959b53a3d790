/* Products and samples of values, each point once. */
#include "files/study/points.h"

#include <stdlib.h>
#include <string.h>

#include "cli/hardware.h"
#include "tetra/hash.h"
#include "tetra/random.h"
#include "files/study/expr.h"

/* In 0..n-1, n >= 1. */
static uint32_t below(uint64_t *state, uint32_t n) { return (uint32_t)((tetra_random(state) >> 32) * n >> 32); }

/* As it will be run. */
static void settle(const struct sim_study *s, struct sim_point *p) {
  const struct tetra_caps caps = sim_study_caps(p);
  for (int b = 0; b < SIM_BUFFERS; b++) p->v[SIM_AXIS_act + b] = sim_hardware_buffer((enum sim_buffer)b, &caps);
  if (p->v[SIM_AXIS_RATE] == 0) p->v[SIM_AXIS_RATE] = p->v[SIM_AXIS_ARRAY];
  if (p->v[SIM_AXIS_BATCH] == 0) p->v[SIM_AXIS_BATCH] = s->batches[(int)p->v[SIM_AXIS_NETWORK]];
  if (!sim_study_is_file(s, p)) return;
  p->v[SIM_AXIS_PRECISION] = -1;
  p->v[SIM_AXIS_WIDTH] = p->v[SIM_AXIS_SIZE] = 0;
}

static int meets(const struct sim_study *s, const struct sim_point *p, int *all, struct tetra_error *err) {
  struct sim_expr_names names = {.n = 0};
  const struct tetra_caps caps = sim_study_caps(p);
  *all = 1;
  if (s->n_constraints == 0) return TETRA_OK;
  for (int a = SIM_AXIS_WIDTH; a < SIM_AXES; a++) {
    names.name[names.n] = sim_axes[a].column;
    names.value[names.n++] = p->v[a];
  }
  names.name[names.n] = "sram";
  names.value[names.n++] = (double)tetra_caps_sram_bits(&caps) / 8;
  names.name[names.n] = "multipliers";
  names.value[names.n++] = tetra_caps_multipliers(&caps);
  for (int i = 0; i < s->n_constraints && *all; i++) {
    const int rc = sim_expr_holds(s->constraints[i], &names, all, err);
    if (rc != TETRA_OK) return rc;
  }
  return TETRA_OK;
}

static uint32_t hash(const struct sim_point *p) {
  const uint64_t h = tetra_hash(TETRA_HASH_START, p->v, sizeof p->v);
  return (uint32_t)(h ^ h >> 32);
}

/* The slot of that point, or the free one where it belongs. */
static uint32_t slot_of(const struct sim_point_set *set, const struct sim_point *p) {
  uint32_t k = hash(p) & (set->n_slots - 1);
  while (set->slots[k] != 0 && !sim_point_is(&set->points[set->slots[k] - 1], p)) k = (k + 1) & (set->n_slots - 1);
  return k;
}

static int grow(struct sim_point_set *set, struct tetra_error *err) {
  const int room = set->room == 0 ? 256 : 2 * set->room;
  struct sim_point *points = realloc(set->points, (size_t)room * sizeof *points);
  if (points != NULL) set->points = points;
  int32_t *slots = calloc((size_t)room * 2, sizeof *slots);
  if (points == NULL || slots == NULL) {
    free(slots);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for %d points", room);
  }
  free(set->slots);
  set->slots = slots;
  set->n_slots = (uint32_t)room * 2;
  set->room = room;
  for (int i = 0; i < set->n; i++) set->slots[slot_of(set, &set->points[i])] = i + 1;
  return TETRA_OK;
}

int sim_points_add(struct sim_point_set *set, const struct sim_study *s, struct sim_point p, struct tetra_error *err) {
  int wanted = 0;
  settle(s, &p);
  int rc = meets(s, &p, &wanted, err);
  if (rc == TETRA_OK && wanted && set->n == set->room) rc = grow(set, err);
  if (rc == TETRA_OK && !wanted) set->n_excluded++;
  if (rc != TETRA_OK || !wanted) return rc;
  const uint32_t k = slot_of(set, &p);
  if (set->slots[k] != 0) {
    set->n_equal++;
    return TETRA_OK;
  }
  if (set->n == SIM_STUDY_POINTS)
    return tetra_fail(err, TETRA_EINVAL, "a study of more than %d points; a \"sample\", constraints or fewer values",
                      SIM_STUDY_POINTS);
  set->points[set->n] = p;
  set->slots[k] = ++set->n;
  return TETRA_OK;
}

void sim_points_free(struct sim_point_set *set) {
  free(set->points);
  free(set->slots);
  *set = (struct sim_point_set){.points = NULL};
}

static double size_of(const struct sim_values values[SIM_AXES]) {
  double n = 1;
  for (int a = 0; a < SIM_AXES; a++) n *= values[a].n;
  return n;
}

static int add_all(struct sim_point_set *set, const struct sim_study *s, const struct sim_values values[SIM_AXES],
                   struct tetra_error *err) {
  int at[SIM_AXES] = {0};
  for (int a = SIM_AXES - 1; a >= 0;) {
    struct sim_point p;
    for (int k = 0; k < SIM_AXES; k++) p.v[k] = values[k].v[at[k]];
    const int rc = sim_points_add(set, s, p, err);
    if (rc != TETRA_OK) return rc;
    for (a = SIM_AXES - 1; a >= 0 && ++at[a] == values[a].n; a--) at[a] = 0;
  }
  return TETRA_OK;
}

/* Until there are as many as wanted; a product that has fewer, or a constraint that few meet, ends it earlier. */
static int add_random(struct sim_point_set *set, const struct sim_study *s, const struct sim_values values[SIM_AXES],
                      const struct sim_sample *sample, long long *drawn, struct tetra_error *err) {
  const int wanted = set->n + sample->count;
  uint64_t state = sample->seed;
  int rc = TETRA_OK;
  for (; rc == TETRA_OK && set->n < wanted && *drawn < 100LL * sample->count; ++*drawn) {
    struct sim_point p;
    for (int a = 0; a < SIM_AXES; a++) p.v[a] = values[a].v[below(&state, (uint32_t)values[a].n)];
    rc = sim_points_add(set, s, p, err);
  }
  return rc;
}

/* Each axis in as many strata as there are points, in an order of its own. */
static void draw_latin(const struct sim_values values[SIM_AXES], uint32_t n, uint64_t state, uint32_t *order,
                       struct sim_point *points) {
  for (int a = 0; a < SIM_AXES; a++) {
    for (uint32_t i = 0; i < n; i++) order[i] = i;
    for (uint32_t i = n - 1; i > 0; i--) {
      const uint32_t k = below(&state, i + 1), v = order[i];
      order[i] = order[k];
      order[k] = v;
    }
    for (uint32_t i = 0; i < n; i++) {
      const double in = (order[i] + (double)(tetra_random(&state) >> 11) / 9007199254740992.0) / n;
      const int k = (int)(in * values[a].n);
      points[i].v[a] = values[a].v[k < values[a].n ? k : values[a].n - 1];
    }
  }
}

static int add_latin(struct sim_point_set *set, const struct sim_study *s, const struct sim_values values[SIM_AXES],
                     const struct sim_sample *sample, long long *drawn, struct tetra_error *err) {
  const uint32_t n = (uint32_t)sample->count;
  uint32_t *order = malloc((size_t)n * sizeof *order);
  struct sim_point *points = calloc(n, sizeof *points);
  int rc = TETRA_OK;
  if (order == NULL || points == NULL) {
    rc = tetra_fail(err, TETRA_ENOMEM, "no memory for %u points", n);
  } else {
    draw_latin(values, n, sample->seed, order, points);
    for (uint32_t i = 0; i < n && rc == TETRA_OK; i++, ++*drawn) rc = sim_points_add(set, s, points[i], err);
  }
  free(order);
  free(points);
  return rc;
}

static int by_axes(const void *a, const void *b) {
  const struct sim_point *p = a, *q = b;
  for (int k = 0; k < SIM_AXES; k++) {
    if (p->v[k] != q->v[k]) return p->v[k] < q->v[k] ? -1 : 1;
  }
  return 0;
}

int sim_points_product(struct sim_point_set *set, const struct sim_study *s, const char *where,
                       const struct sim_values values[SIM_AXES], const struct sim_sample *sample, long long most,
                       long long *drawn, struct tetra_error *err) {
  const int before = set->n;
  *drawn = 0;
  if (sample->method == SIM_SAMPLE_ALL) {
    if (size_of(values) > (double)most)
      return tetra_fail(err, TETRA_EINVAL,
                        "%s: a cross product of %.0f points; at most %lld are looked at, or a "
                        "\"sample\" of any number",
                        where, size_of(values), most);
    return add_all(set, s, values, err);
  }
  const int rc = sample->method == SIM_SAMPLE_RANDOM ? add_random(set, s, values, sample, drawn, err)
                                                     : add_latin(set, s, values, sample, drawn, err);
  /* Neighbours share what they have in common, as those of a product do. */
  if (rc == TETRA_OK && set->n > before)
    qsort(set->points + before, (size_t)(set->n - before), sizeof *set->points, by_axes);
  for (uint32_t k = 0; k < set->n_slots; k++) set->slots[k] = 0;
  for (int i = 0; i < set->n; i++) set->slots[slot_of(set, &set->points[i])] = i + 1;
  return rc;
}
