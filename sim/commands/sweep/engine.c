/* Points in the cycle model. What a point costs is a compilation and a prediction: a plan is made once for all points
 * that differ in DRAM alone, from shapes that are kept, too. */
#include "commands/sweep/engine.h"

#include <stdlib.h>
#include <string.h>

#include "cli/hardware.h"
#include "commands/sweep/accuracy.h"
#include "commands/sweep/line.h"
#include "commands/sweep/rtl.h"
#include "commands/sweep/shapes.h"
#include "tetra/ceil_div.h"
#include "tetra/timing.h"

struct sweep_engine {
  const struct sim_study *s;
  struct sweep_shapes shapes;
  struct sim_point plan_key;
  int has_plan, plan_rc; /* of plan_key: made, or refused with plan_err */
  struct tetra_error plan_err;
  struct tetra_plan plan;
  const struct tetra_graph *plan_graph;
};

int sweep_engine_new(struct sweep_engine **e, const struct sim_study *s, struct tetra_error *err) {
  *e = calloc(1, sizeof **e);
  if (*e == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the engine of a sweep");
  (*e)->s = (*e)->shapes.s = s;
  return TETRA_OK;
}

static void drop_plan(struct sweep_engine *e) {
  tetra_plan_free(&e->plan);
  e->has_plan = 0;
  e->plan_graph = NULL;
}

void sweep_engine_free(struct sweep_engine *e) {
  if (e == NULL) return;
  drop_plan(e);
  sweep_shapes_free(&e->shapes);
  free(e);
}

static int compile(struct sweep_engine *e, const struct sim_point *p, const struct tetra_caps *caps, int pool_cols,
                   struct tetra_error *err) {
  struct tetra_compile_options c;
  const int rc = sweep_shapes_find(&e->shapes, p, pool_cols, &e->plan_graph, err);
  if (rc != TETRA_OK) return rc;
  tetra_compile_defaults(&c);
  c.timing_only = 1;
  return tetra_compile(e->plan_graph, caps, &c, &e->plan, err);
}

/* As sim_builtin_options: the max pool is fused where there is room for that, and with usual hardware in any case. */
static int make_plan(struct sweep_engine *e, const struct sim_point *p, const struct sim_options *o,
                     struct tetra_error *err) {
  const struct tetra_caps caps = sim_hardware_caps(o), usual = tetra_caps_default(o->array);
  const int from_source = o->from_file || o->bits != NULL;
  if (from_source) return compile(e, p, &caps, 0, err);
  int rc = compile(e, p, &caps, (int)caps.acc_pixels / 2, err);
  if (rc == TETRA_OK || rc == TETRA_ENOMEM || memcmp(&caps, &usual, sizeof caps) == 0) return rc;
  drop_plan(e);
  return compile(e, p, &caps, 0, err);
}

/* The point without DRAM, of which a plan knows nothing. */
static struct sim_point plan_key(const struct sim_point *p) {
  struct sim_point key = *p;
  for (int a = SIM_AXIS_RATE; a < SIM_AXES; a++) key.v[a] = 0;
  return key;
}

/* The plan of the point, which is the one before where only DRAM differs. */
static int find_plan(struct sweep_engine *e, const struct sim_point *p, struct tetra_error *err) {
  const struct sim_point key = plan_key(p);
  if (e->has_plan && sim_point_is(&e->plan_key, &key)) {
    if (e->plan_rc != TETRA_OK) *err = e->plan_err;
    return e->plan_rc;
  }
  struct sweep_line line;
  struct sim_options o;
  drop_plan(e);
  int rc = sweep_line_read(e->s, p, SWEEP_LINE_MODEL, &line, &o, err);
  if (rc == TETRA_OK) rc = make_plan(e, p, &o, err);
  sweep_line_free(&line);
  e->plan_key = key;
  e->has_plan = 1;
  e->plan_rc = rc;
  e->plan_err = *err;
  return rc;
}

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Multiplications of 4 by 4 bits. */
static double multiplications(const struct sweep_engine *e) {
  const double peak = tetra_caps_multipliers(&e->plan.caps);
  double sum = 0;
  for (int i = 0; i < e->plan.n_layers; i++) {
    const struct tetra_plan_layer *l = &e->plan.layers[i];
    if (l->macs_per_cycle != 0) sum += (double)l->macs * peak / l->macs_per_cycle;
  }
  return sum;
}

static void take_energy(const struct sweep_engine *e, struct sweep_answer *a) {
  const struct sim_energy *t = &e->s->energy;
  const double bytes = (double)(a->read_bytes + a->write_bytes + a->command_bytes);
  a->energy_pj = t->multiply * multiplications(e) + t->dram_byte * bytes + t->busy_cycle * (double)a->classes[0] +
                 t->cycle * (double)a->cycles;
}

static void take_timing(const struct sweep_engine *e, const struct tetra_timing *t, uint32_t rate,
                        struct sweep_answer *a) {
  double ideal = 0;
  for (int i = 0; i < e->plan.n_layers; i++) {
    const struct tetra_plan_layer *l = &e->plan.layers[i];
    const struct tetra_timing_layer *m = &t->layers[i];
    a->macs += (uint64_t)l->macs;
    a->read_bytes += m->read_bytes;
    a->write_bytes += m->write_bytes;
    a->compute_bound += (uint64_t)l->compute_bound;
    a->memory_bound += larger((uint64_t)l->compute_bound, tetra_ceil_div64(m->read_bytes + m->write_bytes, rate));
    if (l->macs_per_cycle != 0) ideal += (double)l->macs / l->macs_per_cycle;
  }
  a->cycles = t->cycles;
  memcpy(a->classes, t->classes, sizeof a->classes);
  a->classes[TETRA_TIMING_CLASSES - 1] -= t->total - t->cycles;
  a->utilization = t->cycles == 0 ? 0 : ideal / (double)t->cycles;
  a->layers = (uint32_t)e->plan.n_layers;
  a->commands = e->plan.n_cmds;
  a->command_bytes = (uint64_t)e->plan.n_cmds * TETRA_CMD_BYTES;
  a->constant_bytes = e->plan.const_bytes;
  if (e->s->figures & SIM_FIGURES_ENERGY) take_energy(e, a);
}

/* Room for n more bytes; NULL: no memory. */
static void *extend(struct sweep_reply *r, size_t n) {
  if (r->n + n > r->room) {
    const size_t room = 2 * (r->n + n);
    char *bytes = realloc(r->bytes, room);
    if (bytes == NULL) return NULL;
    r->bytes = bytes;
    r->room = room;
  }
  void *p = r->bytes + r->n;
  r->n += n;
  memset(p, 0, n);
  return p;
}

static int add_layers(const struct sweep_engine *e, const struct tetra_timing *t, struct sweep_reply *r) {
  for (int i = 0; i < e->plan.n_layers; i++) {
    struct sweep_layer *l = extend(r, sizeof *l);
    if (l == NULL) return 0;
    memcpy(l->name, e->plan_graph->ops[i].name, sizeof l->name);
    l->cycles = t->layers[i].cycles;
    l->busy = t->layers[i].busy;
    l->read_bytes = t->layers[i].read_bytes;
    l->write_bytes = t->layers[i].write_bytes;
    l->macs = (uint64_t)e->plan.layers[i].macs;
    l->compute_bound = (uint64_t)e->plan.layers[i].compute_bound;
  }
  return 1;
}

/* What kind of an answer an error is. */
static enum sweep_status status_of(int rc) {
  if (rc == TETRA_OK) return SWEEP_DONE;
  if (rc == TETRA_ENOMEM || rc == TETRA_EIO) return SWEEP_TODO;
  return rc == TETRA_EDIFF || rc == TETRA_EHW || rc == TETRA_ETIMEOUT ? SWEEP_FAILED : SWEEP_REFUSED;
}

static void settle(struct sweep_answer *a, int rc, const struct tetra_error *err) {
  a->status = status_of(rc);
  if (rc != TETRA_OK) memcpy(a->reason, err->msg, sizeof a->reason);
}

static int run_model(struct sweep_engine *e, int point, struct sweep_reply *r, struct tetra_error *err) {
  const struct sim_point *p = &e->s->points[point];
  const struct tetra_memory_params mem = {(uint32_t)p->v[SIM_AXIS_RATE], (uint32_t)p->v[SIM_AXIS_LATENCY]};
  struct tetra_error why = {0, ""};
  struct tetra_timing t = {0};
  struct sweep_answer a = {.kind = SWEEP_MODEL, .point = point};
  const size_t at = r->n;
  int rc = find_plan(e, p, &why);
  if (rc == TETRA_OK) rc = tetra_timing_run(&e->plan, &mem, TETRA_TIMING_FAST, &t, &why);
  if (rc == TETRA_OK) take_timing(e, &t, mem.bytes_per_cycle, &a);
  settle(&a, rc, &why);
  int room = extend(r, sizeof a) != NULL;
  if (room && rc == TETRA_OK && e->s->figures & SIM_FIGURES_LAYERS) {
    room = add_layers(e, &t, r);
    a.n_layers = e->plan.n_layers;
  }
  tetra_timing_free(&t);
  if (!room) return tetra_fail(err, TETRA_ENOMEM, "no memory for the answers of a sweep");
  memcpy(r->bytes + at, &a, sizeof a);
  return TETRA_OK;
}

/* The RTL's cycles, which must be the model's. TETRA_EDIFF: they, or a layer, differ. */
static int confirm(struct sweep_engine *e, int point, struct sweep_answer *a, struct tetra_error *err) {
  const struct sim_point *p = &e->s->points[point];
  const struct tetra_memory_params mem = {(uint32_t)p->v[SIM_AXIS_RATE], (uint32_t)p->v[SIM_AXIS_LATENCY]};
  struct tetra_timing t = {0};
  int rc = sweep_rtl(e->s, p, &a->rtl_cycles, err);
  if (rc == TETRA_OK) rc = find_plan(e, p, err);
  if (rc == TETRA_OK) rc = tetra_timing_run(&e->plan, &mem, TETRA_TIMING_FAST, &t, err);
  if (rc == TETRA_OK && t.cycles != a->rtl_cycles)
    rc = tetra_fail(err, TETRA_EDIFF, "the RTL takes %llu cycles, the cycle model says %llu",
                    (unsigned long long)a->rtl_cycles, (unsigned long long)t.cycles);
  tetra_timing_free(&t);
  return rc;
}

static int run_other(struct sweep_engine *e, int kind, int point, struct sweep_reply *r, struct tetra_error *err) {
  struct tetra_error why = {0, ""};
  struct sweep_answer *a = extend(r, sizeof *a);
  if (a == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the answers of a sweep");
  a->kind = kind;
  a->point = point;
  const int rc = kind == SWEEP_RTL ? confirm(e, point, a, &why) : sweep_accuracy(e->s, &e->s->points[point], a, &why);
  settle(a, rc, &why);
  return TETRA_OK;
}

int sweep_engine_run(struct sweep_engine *e, const struct sweep_task *task, struct sweep_reply *reply,
                     struct tetra_error *err) {
  reply->n = 0;
  for (int i = 0; i < task->n; i++) {
    const int rc = task->kind == SWEEP_MODEL ? run_model(e, task->points[i], reply, err)
                                             : run_other(e, task->kind, task->points[i], reply, err);
    if (rc != TETRA_OK) return rc;
  }
  return TETRA_OK;
}
