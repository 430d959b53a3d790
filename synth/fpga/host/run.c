/* Compile, upload, run, read back, compare. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "tetra/plan.h"
#include "tetra/timing.h"

enum { MAX_LAYERS = 16 };

struct job {
  struct tetra_graph g;
  struct tetra_tensor image;
  struct tetra_tensor *golden; /* by value; the image is one of them */
  struct tetra_plan plan;
  struct tetra_timing timing;
  uint64_t ended[MAX_LAYERS]; /* a layer's cycle in the completion log */
  int n_ended;
};

static void free_job(struct job *j) {
  for (int v = 0; j->golden != NULL && v < j->g.n_values; v++) tetra_tensor_free(&j->golden[v]);
  free(j->golden);
  tetra_plan_free(&j->plan);
  tetra_timing_free(&j->timing);
  tetra_graph_free(&j->g);
}

static int run_c_model(struct job *j, struct tetra_error *err) {
  j->golden = calloc((size_t)j->g.n_values, sizeof *j->golden);
  if (j->golden == NULL) {
    tetra_tensor_free(&j->image);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for the C model's tensors");
  }
  j->golden[j->g.input] = j->image;
  return tetra_run_graph(&j->g, j->golden, TETRA_REFERENCE, err);
}

/* The memory is board_memory.sv's: a word each way in every cycle, two cycles of latency. */
static int plan_job(struct job *j, const struct board *b, const struct tetra_caps *caps, struct tetra_error *err) {
  const struct tetra_memory_params memory = {2 * caps->n, 2};
  struct tetra_compile_options o;
  tetra_compile_defaults(&o);
  o.dram_base = b->mem_base;
  o.dram_size = b->mem_bytes;
  o.reuse_memory = 0; /* every value is still there at the end */
  const int rc = tetra_compile(&j->g, caps, &o, &j->plan, err);
  if (rc != TETRA_OK) return rc;
  if (j->plan.n_layers > MAX_LAYERS) return tetra_fail(err, TETRA_ERANGE, "more than %d layers", MAX_LAYERS);
  return tetra_timing_run(&j->plan, &memory, TETRA_TIMING_FAST, &j->timing, err);
}

static int upload(const struct job *j, const struct tetra_hal *hal, struct tetra_error *err) {
  const struct tetra_plan *p = &j->plan;
  const struct tetra_placement *in = &p->values[j->g.input];
  uint8_t *constants = hal->map(hal->ctx, p->const_addr, p->const_bytes);
  uint8_t *image = hal->map(hal->ctx, in->addr, in->bytes);
  if (constants == NULL || image == NULL)
    return tetra_fail(err, TETRA_ERANGE, "the plan lies outside the board's memory");
  memcpy(constants, p->const_data, p->const_bytes);
  hal->sync(hal->ctx, p->const_addr, p->const_bytes, 1);
  tetra_plan_write_value(p, j->g.input, &j->golden[j->g.input], image);
  hal->sync(hal->ctx, in->addr, in->bytes, 1);
  return TETRA_OK;
}

static void on_layer(void *arg, const struct tetra_layer_event *e) {
  struct job *j = arg;
  if (e->layer >= (uint32_t)j->plan.n_layers) return;
  j->ended[e->layer] = e->cycle;
  j->n_ended++;
}

static int execute(struct job *j, struct board *b, struct tetra_device *dev, struct tetra_error *err) {
  const struct tetra_job job = tetra_plan_job(&j->plan);
  struct tetra_fault fault;
  const int rc = tetra_device_run(dev, &job, on_layer, j, &fault);
  const int link = board_check(b, err);
  if (link != TETRA_OK) return link;
  if (rc == TETRA_EHW || rc == TETRA_ETIMEOUT) {
    return tetra_fail(err, TETRA_EHW, "%s: the accelerator stopped at command %u, address 0x%08x: %s", j->g.name,
                      (unsigned)fault.index, (unsigned)fault.addr, tetra_fault_name(fault.cause));
  }
  if (rc == TETRA_OK && j->n_ended != j->plan.n_layers) {
    return tetra_fail(err, TETRA_EDIFF, "%s: %d of %d layers are in the completion log", j->g.name, j->n_ended,
                      j->plan.n_layers);
  }
  return rc == TETRA_OK ? TETRA_OK : tetra_fail(err, rc, "%s: the driver refused the job (status %d)", j->g.name, rc);
}

/* The first code that differs and how many do. */
static int compare_codes(const struct job *j, int v, const struct tetra_tensor *got, struct tetra_error *err) {
  const struct tetra_tensor *want = &j->golden[v];
  const struct tetra_desc *d = &want->d;
  struct tetra_error first = {0};
  int64_t n = 0;
  for (int y = 0; y < d->h; y++) {
    for (int x = 0; x < d->w; x++) {
      for (int c = 0; c < d->c; c++) {
        const int a = tetra_tensor_get(got, 0, y, x, c), e = tetra_tensor_get(want, 0, y, x, c);
        if (a != e && n++ == 0)
          tetra_fail(&first, TETRA_EDIFF, "row %d, column %d, channel %d is %d where the C model says %d", y, x, c, a,
                     e);
      }
    }
  }
  if (n == 0) return TETRA_OK;
  return tetra_fail(err, TETRA_EDIFF, "%s: %lld of %lld codes of %s differ, the first: %s", j->g.name, (long long)n,
                    (long long)d->h * d->w * d->c, j->g.values[v].name, first.msg);
}

static int compare_value(const struct job *j, const struct board *b, const struct tetra_hal *hal, int v,
                         struct tetra_error *err) {
  const struct tetra_placement *p = &j->plan.values[v];
  const uint8_t *region = hal->map(hal->ctx, p->addr, p->bytes);
  struct tetra_tensor got;
  if (region == NULL) return tetra_fail(err, TETRA_ERANGE, "the plan lies outside the board's memory");
  hal->sync(hal->ctx, p->addr, p->bytes, 0);
  int rc = board_check(b, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_tensor_init(&got, &j->golden[v].d, err);
  if (rc != TETRA_OK) return rc;
  tetra_plan_read_value(&j->plan, v, &got, region);
  rc = compare_codes(j, v, &got, err);
  tetra_tensor_free(&got);
  return rc;
}

static int compare_cycles(const struct job *j, const struct fpga_result *r, struct tetra_error *err) {
  for (int i = 0; i < j->plan.n_layers; i++) {
    if (j->ended[i] == j->timing.layers[i].completion) continue;
    return tetra_fail(err, TETRA_EDIFF, "%s: layer %s ended in cycle %llu, by the cycle model in %llu", j->g.name,
                      j->g.ops[i].name, (unsigned long long)j->ended[i],
                      (unsigned long long)j->timing.layers[i].completion);
  }
  for (int i = 0; i < TETRA_TIMING_CLASSES; i++) {
    if (r->counters[TETRA_CNT_BUSY + i] == j->timing.classes[i]) continue;
    return tetra_fail(err, TETRA_EDIFF, "%s: counter %s is %llu, by the cycle model %llu", j->g.name,
                      tetra_counter_name((uint32_t)(TETRA_CNT_BUSY + i)),
                      (unsigned long long)r->counters[TETRA_CNT_BUSY + i], (unsigned long long)j->timing.classes[i]);
  }
  return TETRA_OK;
}

static int compare(const struct job *j, struct board *b, struct tetra_device *dev, struct fpga_result *r,
                   struct tetra_error *err) {
  for (int v = 0; v < j->g.n_values; v++) {
    if (j->g.values[v].producer < 0 || j->plan.values[v].bytes == 0) continue;
    const int rc = compare_value(j, b, &dev->hal, v, err);
    if (rc != TETRA_OK) return rc;
    const struct tetra_desc *d = &j->g.values[v].d;
    r->codes += (int64_t)d->h * d->w * d->c;
  }
  tetra_device_counters(dev, r->counters);
  const int rc = board_check(b, err);
  if (rc != TETRA_OK) return rc;
  r->n_layers = j->plan.n_layers;
  r->predicted = j->timing.cycles;
  for (int i = 0; i < j->plan.n_layers; i++) {
    if (j->ended[i] > r->cycles) r->cycles = j->ended[i];
  }
  return compare_cycles(j, r, err);
}

int fpga_run(struct board *b, struct tetra_device *dev, const struct fpga_net *net, struct fpga_result *r,
             struct tetra_error *err) {
  struct job j = {0};
  *r = (struct fpga_result){.name = net->name};
  int rc = fpga_net_build(net, &j.g, &j.image, err);
  if (rc == TETRA_OK) rc = run_c_model(&j, err);
  if (rc == TETRA_OK) rc = plan_job(&j, b, &dev->caps, err);
  if (rc == TETRA_OK) rc = upload(&j, &dev->hal, err);
  if (rc == TETRA_OK) rc = board_check(b, err);
  if (rc == TETRA_OK) rc = execute(&j, b, dev, err);
  if (rc == TETRA_OK) rc = compare(&j, b, dev, r, err);
  free_job(&j);
  return rc;
}
