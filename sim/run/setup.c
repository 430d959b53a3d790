/* From options to the doorbell: network, plan, simulated machine, input, golden tensors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/hardware.h"
#include "cli/outputs.h"
#include "run/session.h"
#include "run/unmappable.h"

/* The driver's time-out. The hardware's watchdog finds what hangs long before; this is for a simulation gone wrong. */
#define TIMEOUT_US 4000000u
#define PROGRESS_CYCLES 20000u

static int make_hardware(struct sim_session *s, struct tetra_error *err) {
  const struct sim_options *o = s->o;
  struct tetra_compile_options c;
  tetra_compile_defaults(&c);
  const struct tetra_mem_config cfg = {c.dram_base, c.dram_size, o->array, {o->bytes_per_cycle, o->latency},
                                       o->stall,    o->net.seed};
  int rc = tetra_mem_init(&s->mem, &cfg, err);
  if (rc == TETRA_OK) rc = rtl_model_create(&s->rtl, o->array, o->trace != NULL, &s->mem, err);
  return rc;
}

static int find_device(struct sim_session *s, struct tetra_error *err) {
  s->hal.rtl = &s->rtl;
  s->hal.mem = &s->mem;
  s->hal.slice = PROGRESS_CYCLES;
  struct tetra_hal hal;
  sim_hal_init(&hal, &s->hal);
  const int rc = tetra_device_init(&s->dev, &hal, TIMEOUT_US);
  if (rc != TETRA_OK)
    return tetra_fail(err, rc, "the simulated accelerator does not answer as a Tetra (status %d)", rc);
  if (s->dev.caps.n != s->o->array) return tetra_fail(err, TETRA_EHW, "the model says array %u", s->dev.caps.n);
  return sim_hardware_compare(s->o, &s->dev.caps, err);
}

/* The part of the network that runs, and its trace layer. */
static int choose_layers(struct sim_session *s, struct tetra_error *err) {
  int first = 0, last = s->net.n_ops - 1, op = -1, rc = TETRA_OK;
  if (s->o->layers != NULL) rc = sim_part_parse(&s->net, s->o->layers, &first, &last, err);
  if (rc == TETRA_OK && s->o->trace_layer != NULL) {
    rc = sim_part_find(&s->net, "trace-layer", s->o->trace_layer, &op, err);
    if (rc == TETRA_OK && (op < first || op > last)) {
      rc = tetra_fail(err, TETRA_EINVAL, "--trace-layer: '%.60s' is not among the layers that run", s->o->trace_layer);
    }
  }
  s->trace_layer = op < 0 ? -1 : op - first;
  return rc == TETRA_OK ? sim_part_init(&s->part, &s->net, first, last, err) : rc;
}

static int check_golden_size(const struct sim_session *s, struct tetra_error *err) {
  uint64_t bytes = 0;
  for (int v = 0; v < s->net.n_values; v++) {
    const struct tetra_desc *d = &s->net.values[v].d;
    bytes += (uint64_t)d->n * (uint64_t)d->h * (uint64_t)d->w * (uint64_t)d->c * (uint64_t)tetra_fmt_bits(d->fmt) / 8;
  }
  if (bytes <= SIM_GOLDEN_MAX_BYTES) return TETRA_OK;
  return tetra_fail(err, TETRA_ENOMEM,
                    "%s at batch %d needs %llu MiB for the C model's tensors; at most %llu MiB are accepted: a smaller "
                    "--batch, --width or --size",
                    s->o->net.network, sim_source_batch(&s->source), (unsigned long long)(bytes >> 20),
                    (unsigned long long)(SIM_GOLDEN_MAX_BYTES >> 20));
}

/* The C model runs the ops in front of `end`. */
static int run_c_model_to(struct sim_session *s, int end, struct tetra_error *err) {
  const double t = sim_now();
  const struct tetra_exec_options how = {.threads = s->o->net.threads};
  if (s->exec == NULL && tetra_exec_open(&s->exec, &s->net, &how, err) != TETRA_OK) return err->code;
  for (int i = 0; i < end; i++) {
    const int rc = tetra_exec_op(s->exec, i, s->golden, err);
    if (rc != TETRA_OK) return rc;
  }
  s->c_model_s = sim_now() - t;
  sim_part_bind(&s->part, s->golden);
  return TETRA_OK;
}

/* As far as anything is compared with it, or as the part's inputs come from it. */
static int run_c_model(struct sim_session *s, struct tetra_error *err) {
  return run_c_model_to(s, s->o->check == SIM_CHECK_NONE ? s->part.first : s->part.first + s->part.g.n_ops, err);
}

/* Among the channels of a k-step's first N rows, the one whose codes are largest in the layer's input: its weights
 * matter. */
static uint32_t channel_with_largest_codes(const struct sim_session *s, int layer) {
  const struct tetra_tensor *t = &s->part.tensors[s->part.g.ops[layer].input];
  uint32_t best = 0;
  int64_t most = -1;
  if (t->data == NULL) return 0;
  for (int c = 0; c < t->d.c && c < (int)s->dev.caps.n; c++) {
    int64_t sum = 0;
    for (int y = 0; y < t->d.h; y++) {
      for (int x = 0; x < t->d.w; x++) sum += abs(tetra_tensor_get(t, 0, y, x, c) - t->d.zero_point);
    }
    if (sum > most) {
      most = sum;
      best = (uint32_t)c;
    }
  }
  return best;
}

/* Among the first N output channels, the one whose sums move its codes most. */
static uint32_t output_with_largest_factor(const struct tetra_op *op, uint32_t n) {
  uint32_t best = 0;
  double most = -1;
  for (uint32_t c = 0; c < n && c < (uint32_t)op->cout; c++) {
    const struct tetra_requant_channel *ch = &op->rq[0].ch[c];
    const double factor = ldexp(ch->m, -ch->s);
    if (factor > most) {
      most = factor;
      best = c;
    }
  }
  return best;
}

/* Tests only: turns over the top bit of one weight in DRAM, at the first kernel position. In both weight widths
 * (docs/commands.md, "Weights") the first k-step has a half-word for each input channel, a byte for each output. */
static int flip_weight(struct sim_session *s, struct tetra_error *err) {
  int layer;
  int rc = sim_part_find(&s->part.g, "inject-weight-flip", s->o->flip_layer, &layer, err);
  if (rc != TETRA_OK) return rc;
  const uint32_t n = s->dev.caps.n;
  const uint32_t offset =
      channel_with_largest_codes(s, layer) * n + output_with_largest_factor(&s->part.g.ops[layer], n);
  for (uint32_t i = 0; i < s->plan.n_cmds && s->part.g.ops[layer].kind == TETRA_CONV; i++) {
    const struct tetra_cmd *c = &s->plan.cmds[i];
    if (tetra_cmd_get(c, TETRA_F_OP) != TETRA_OP_LOAD || tetra_cmd_get(c, TETRA_F_LOAD_DST) != TETRA_BUF_WGT) continue;
    if (tetra_cmd_get(c, TETRA_F_LAYER) != (uint32_t)layer) continue;
    uint8_t *byte = tetra_mem_map(&s->mem, tetra_cmd_get(c, TETRA_F_LOAD_ADDR) + offset, 1);
    if (byte == NULL) break;
    *byte ^= s->part.g.ops[layer].wbits == 8 ? 0x80 : 0x08;
    return TETRA_OK;
  }
  return tetra_fail(err, TETRA_EINVAL, "--inject-weight-flip: layer '%.60s' loads no weights", s->o->flip_layer);
}

/* Constants and inputs into simulated DRAM. */
static int fill_dram(struct sim_session *s, struct tetra_error *err) {
  const struct tetra_plan *p = &s->plan;
  void *constants = tetra_mem_map(&s->mem, p->const_addr, p->const_bytes);
  if (constants == NULL) return tetra_fail(err, TETRA_ERANGE, "the plan's constants lie outside the memory");
  if (p->const_bytes != 0) memcpy(constants, p->const_data, p->const_bytes);
  for (int v = 0; v < s->part.g.n_values; v++) {
    if (s->part.g.values[v].producer >= 0) continue;
    uint8_t *region = tetra_mem_map(&s->mem, p->values[v].addr, p->values[v].bytes);
    if (region == NULL) return tetra_fail(err, TETRA_ERANGE, "value %d lies outside the memory", v);
    tetra_plan_write_value(p, v, &s->part.tensors[v], region);
  }
  return s->o->flip_layer == NULL ? TETRA_OK : flip_weight(s, err);
}

static int make_network(struct sim_session *s, struct tetra_error *err) {
  const double t = sim_now();
  const struct sim_notes notes = {s->observer.on_refusal, s->observer.arg};
  int rc = sim_source_open(&s->source, s->o, s->o->net.batch, &notes, err);
  s->net = s->source.m.graph; /* which stays the source's */
  if (rc == TETRA_OK) rc = check_golden_size(s, err);
  if (rc != TETRA_OK) return rc;
  s->build_s = sim_now() - t;
  s->golden = calloc((size_t)s->net.n_values, sizeof *s->golden);
  if (s->golden == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", s->net.n_values);
  return choose_layers(s, err);
}

/* timing_only: for the cycle model and reports, not to be run. */
static int make_plan(struct sim_session *s, const struct tetra_caps *caps, int timing_only, struct tetra_error *err) {
  struct tetra_compile_options c;
  tetra_compile_defaults(&c);
  c.timing_only = timing_only;
  const struct sim_notes notes = {s->observer.on_refusal, s->observer.arg};
  int rc = tetra_compile(&s->part.g, caps, &c, &s->plan, err);
  if (rc != TETRA_OK && s->o->from_file) sim_list_unmappable(&s->part.g, caps, s->o->net.network, &notes, err);
  if (rc == TETRA_OK) rc = sim_results_init(&s->r, s->o, &s->source, &s->part.g, &s->plan, s->part.first, err);
  if (rc != TETRA_OK) return rc;
  if (timing_only) return TETRA_OK;
  if (sim_wants_timeline(s->o)) rc = timeline_init(&s->timeline, &s->part.g, &s->plan, err);
  return rc == TETRA_OK && s->r.energy != NULL ? monitor_init(&s->monitor, &s->plan, err) : rc;
}

static int fill_input(struct sim_session *s, struct tetra_error *err) {
  struct tetra_tensor *input = &s->golden[s->net.input];
  const int rc = tetra_tensor_init(input, &s->net.values[s->net.input].d, err);
  return rc == TETRA_OK ? sim_source_first(&s->source, input, err) : rc;
}

int sim_session_images(const struct sim_session *s) {
  const int batch = sim_source_batch(&s->source);
  return s->source.n < batch ? s->source.n : batch;
}

int sim_feed(struct sim_session *s, int image, struct tetra_error *err) {
  int rc = sim_source_fill(&s->source, image, &s->golden[s->net.input], err);
  if (rc == TETRA_OK) rc = run_c_model(s, err);
  return rc == TETRA_OK ? fill_dram(s, err) : rc;
}

static int set_up(struct sim_session *s, struct tetra_error *err) {
  int rc = make_network(s, err);
  if (rc == TETRA_OK) rc = find_device(s, err);
  if (rc == TETRA_OK) rc = make_plan(s, &s->dev.caps, 0, err);
  if (rc == TETRA_OK) rc = fill_input(s, err);
  if (rc == TETRA_OK) rc = run_c_model(s, err);
  if (rc == TETRA_OK) rc = fill_dram(s, err);
  s->r.build_s = s->build_s;
  s->r.c_model_s = s->c_model_s;
  return rc;
}

int sim_setup(struct sim_session *s, const struct sim_options *o, const struct sim_observer *observer,
              struct tetra_error *err) {
  memset(s, 0, sizeof *s);
  s->o = o;
  if (observer != NULL) s->observer = *observer;
  int rc = make_hardware(s, err);
  if (rc == TETRA_OK) rc = set_up(s, err);
  if (rc != TETRA_OK) sim_teardown(s);
  return rc;
}

int sim_setup_model(struct sim_session *s, const struct sim_options *o, const struct sim_observer *observer,
                    struct tetra_error *err) {
  memset(s, 0, sizeof *s);
  s->o = o;
  if (observer != NULL) s->observer = *observer;
  const struct tetra_caps caps = sim_hardware_caps(o);
  int rc = make_network(s, err);
  if (rc == TETRA_OK) rc = make_plan(s, &caps, 1, err);
  if (rc == TETRA_OK) rc = fill_input(s, err);
  s->r.build_s = s->build_s;
  if (rc != TETRA_OK) sim_teardown(s);
  return rc;
}

int sim_run_c_model(struct sim_session *s, int op, struct tetra_error *err) {
  const int rc = run_c_model_to(s, s->part.first + op + 1, err);
  s->r.c_model_s = s->c_model_s;
  return rc;
}

int sim_setup_piece(struct sim_session *p, const struct sim_session *whole, const struct sim_options *o, int first,
                    int last, const struct sim_observer *observer, struct tetra_error *err) {
  memset(p, 0, sizeof *p);
  p->o = o;
  if (observer != NULL) p->observer = *observer;
  p->is_piece = 1;
  p->source = whole->source;
  p->net = whole->net;
  p->golden = whole->golden;
  p->trace_layer = -1;
  int rc = make_hardware(p, err);
  if (rc == TETRA_OK) rc = find_device(p, err);
  if (rc == TETRA_OK) {
    rc = sim_part_init(&p->part, &p->net, whole->part.first + first, whole->part.first + last, err);
  }
  if (rc == TETRA_OK) rc = make_plan(p, &p->dev.caps, 0, err);
  if (rc == TETRA_OK) {
    sim_part_bind(&p->part, p->golden);
    rc = fill_dram(p, err);
  }
  if (rc != TETRA_OK) sim_teardown(p);
  return rc;
}

static void teardown_network(struct sim_session *s) {
  for (int v = 0; s->golden != NULL && v < s->net.n_values; v++) tetra_tensor_free(&s->golden[v]);
  free(s->golden);
  tetra_exec_close(s->exec);
  sim_source_close(&s->source);
}

void sim_teardown(struct sim_session *s) {
  rtl_model_destroy(&s->rtl);
  tetra_mem_free(&s->mem);
  timeline_free(&s->timeline);
  monitor_free(&s->monitor);
  tetra_plan_free(&s->plan);
  sim_part_free(&s->part);
  if (!s->is_piece) teardown_network(s);
  sim_results_free(&s->r);
  memset(s, 0, sizeof *s);
}
