/* Results as JSON, for programs. docs/schema/run.schema.json describes every key. */
#include "report/energy.h"
#include "report/json_parts.h"
#include "report/json_text.h"
#include "report/writers.h"
#include "run/energy/energy.h"
#include "run/traffic.h"
#include "tetra/device.h"

static int add_match(cJSON *to, enum sim_match match) {
  return sim_json_add(to, "match", match == SIM_UNCHECKED ? cJSON_CreateNull() : cJSON_CreateBool(match == SIM_EQUAL));
}

static cJSON *make_window(const struct tetra_window *w) {
  const struct {
    const char *key;
    int value;
  } numbers[] = {{"kh", w->kh},
                 {"kw", w->kw},
                 {"stride_y", w->stride_y},
                 {"stride_x", w->stride_x},
                 {"dilation_y", w->dilation_y},
                 {"dilation_x", w->dilation_x},
                 {"pad_top", w->pad.top},
                 {"pad_left", w->pad.left},
                 {"pad_bottom", w->pad.bottom},
                 {"pad_right", w->pad.right}};
  cJSON *o = cJSON_CreateObject();
  for (size_t i = 0; o != NULL && i < sizeof numbers / sizeof *numbers; i++) {
    if (sim_json_number(o, numbers[i].key, numbers[i].value)) continue;
    cJSON_Delete(o);
    return NULL;
  }
  return o;
}

static cJSON *make_outputs(const struct tetra_graph *g, const struct tetra_op *op) {
  cJSON *a = cJSON_CreateArray();
  for (int i = 0; a != NULL && i < op->n_outputs; i++) {
    cJSON *shape = sim_json_shape(&g->values[op->output[i]].d);
    if (shape != NULL && cJSON_AddItemToArray(a, shape)) continue;
    cJSON_Delete(shape);
    cJSON_Delete(a);
    return NULL;
  }
  return a;
}

/* What the layer is. */
static int describe_layer(cJSON *l, const struct sim_results *r, int i) {
  const struct tetra_op *op = &r->g->ops[i];
  const int conv = op->kind == TETRA_CONV;
  int ok = sim_json_number(l, "number", i + r->first) && sim_json_text(l, "name", op->name);
  ok = ok && sim_json_text(l, "kind", sim_kind_name(r->g, i));
  ok = ok && sim_json_add(l, "input", sim_json_shape(&r->g->values[op->input].d));
  ok = ok && sim_json_add(l, "outputs", make_outputs(r->g, op)) && sim_json_bool(l, "residual", op->residual >= 0);
  ok = ok && sim_json_add(l, "window", op->kind == TETRA_ADD ? cJSON_CreateNull() : make_window(&op->win));
  ok = ok && sim_json_bool(l, "pool", op->pool);
  ok = ok && sim_json_add(l, "weight_bits", conv ? cJSON_CreateNumber(op->wbits) : cJSON_CreateNull());
  return ok && sim_json_add(l, "groups", conv ? cJSON_CreateNumber(op->groups) : cJSON_CreateNull());
}

/* Cycles by cause, from CNT_BUSY on. */
static cJSON *make_causes(const uint64_t *causes) {
  cJSON *o = cJSON_CreateObject();
  for (uint32_t c = SIM_FIRST_CLASS; o != NULL && c <= SIM_LAST_CLASS; c++) {
    if (sim_json_number(o, tetra_counter_name(c), (double)causes[c - SIM_FIRST_CLASS])) continue;
    cJSON_Delete(o);
    return NULL;
  }
  return o;
}

static cJSON *make_traffic(const struct sim_results *r, int i) {
  cJSON *o = cJSON_CreateObject();
  for (int k = 0; o != NULL && k < SIM_TRAFFIC_KINDS; k++) {
    if (sim_json_number(o, sim_traffic_name((enum sim_traffic)k), (double)r->traffic[i][k])) continue;
    cJSON_Delete(o);
    return NULL;
  }
  return o;
}

/* pJ by source, of a layer or (-1) of all. */
static cJSON *make_sources(const struct sim_results *r, int layer) {
  cJSON *o = cJSON_CreateObject();
  for (int s = 0; o != NULL && s < TETRA_SOURCES; s++) {
    const double pj = layer < 0 ? sim_results_pj(r, s) : sim_energy_pj(r->energy, layer, s);
    if (sim_json_number(o, tetra_source_key(s), pj)) continue;
    cJSON_Delete(o);
    return NULL;
  }
  return o;
}

/* A number for each event. */
static cJSON *make_events(const double *numbers) {
  cJSON *o = cJSON_CreateObject();
  for (int e = 0; o != NULL && e < TETRA_EVENTS; e++) {
    if (sim_json_number(o, tetra_event_key(e), numbers[e])) continue;
    cJSON_Delete(o);
    return NULL;
  }
  return o;
}

static cJSON *make_layer_energy(const struct sim_results *r, int i) {
  double counts[TETRA_EVENTS];
  for (int e = 0; e < TETRA_EVENTS; e++) counts[e] = (double)r->energy->events[i][e];
  cJSON *o = cJSON_CreateObject();
  int ok = o != NULL && sim_json_number(o, "pj", sim_energy_pj(r->energy, i, TETRA_SOURCES));
  ok = ok && sim_json_add(o, "by_source", make_sources(r, i));
  ok = ok && sim_json_add(o, "events", make_events(counts));
  if (!ok) cJSON_Delete(o);
  return ok ? o : NULL;
}

/* What the run as a whole took, by which table. */
static cJSON *make_energy(const struct sim_results *r) {
  const struct sim_energy *e = r->energy;
  const double pj = sim_results_pj(r, TETRA_SOURCES);
  cJSON *o = cJSON_CreateObject();
  int ok = o != NULL && sim_json_text(o, "table", e->table.name) && sim_json_text(o, "file", r->o->energy);
  ok = ok && sim_json_number(o, "mhz", e->mhz) && sim_json_text(o, "events_from", e->from_rtl ? "rtl" : "model");
  ok = ok && sim_json_number(o, "pj", pj) && sim_json_add(o, "by_source", make_sources(r, -1));
  ok = ok && sim_json_number(o, "mj_per_image", 1e-9 * pj / sim_batch(r));
  ok = ok && sim_json_number(o, "tops_per_watt", sim_energy_tops_per_watt(r));
  ok = ok && sim_json_number(o, "milliwatts", sim_energy_milliwatts(r));
  ok = ok && sim_json_add(o, "prices", make_events(e->price));
  if (!ok) cJSON_Delete(o);
  return ok ? o : NULL;
}

static cJSON *make_layer(const struct sim_results *r, int i) {
  const struct tetra_plan_layer *p = &r->plan->layers[i];
  const struct sim_bounds bounds = sim_bounds(r, i);
  cJSON *l = cJSON_CreateObject();
  int ok = l != NULL && describe_layer(l, r, i);
  ok = ok && sim_json_number(l, "macs", (double)p->macs);
  ok = ok && sim_json_number(l, "cycles", (double)r->layers[i].cycles);
  ok = ok && sim_json_add(l, "model_cycles",
                          r->modelled == NULL ? cJSON_CreateNull() : cJSON_CreateNumber((double)r->modelled[i]));
  ok = ok && sim_json_number(l, "busy_cycles", (double)r->layers[i].busy);
  ok = ok && sim_json_number(l, "bound_cycles", (double)p->compute_bound);
  ok = ok && sim_json_number(l, "bus_bound_cycles", (double)bounds.bus);
  ok = ok &&
       sim_json_add(l, "utilization", p->macs == 0 ? cJSON_CreateNull() : cJSON_CreateNumber(sim_utilization(r, i)));
  ok = ok && sim_json_number(l, "dram_bytes", (double)r->layers[i].dram_bytes);
  ok = ok && sim_json_add(l, "traffic", make_traffic(r, i));
  if (r->layers[i].has_causes) ok = ok && sim_json_add(l, "stalls", make_causes(r->layers[i].causes));
  if (r->energy != NULL) ok = ok && sim_json_add(l, "energy", make_layer_energy(r, i));
  ok = ok && add_match(l, r->layers[i].match);
  if (!ok) cJSON_Delete(l);
  return ok ? l : NULL;
}

static cJSON *make_layers(const struct sim_results *r) {
  cJSON *a = cJSON_CreateArray();
  for (int i = 0; a != NULL && i < r->g->n_ops; i++) {
    if (!r->layers[i].done) continue;
    cJSON *l = make_layer(r, i);
    if (l == NULL || !cJSON_AddItemToArray(a, l)) {
      cJSON_Delete(l);
      cJSON_Delete(a);
      return NULL;
    }
  }
  return a;
}

static cJSON *make_total(const struct sim_results *r) {
  const struct sim_totals sum = sim_totals(r);
  cJSON *t = cJSON_CreateObject();
  int ok = t != NULL && sim_json_number(t, "cycles", (double)sum.cycles) &&
           sim_json_number(t, "bound_cycles", (double)sum.compute_bound);
  ok = ok && sim_json_number(t, "macs", (double)sum.macs) && sim_json_number(t, "utilization", sum.utilization);
  ok = ok && sim_json_number(t, "memory_bound_cycles", (double)sum.memory_bound);
  ok = ok && sim_json_number(t, "dram_bytes", (double)sum.dram_bytes);
  ok = ok &&
       sim_json_add(t, "stalls", sim_is_complete(r) ? make_causes(&r->counters[SIM_FIRST_CLASS]) : cJSON_CreateNull());
  if (!ok) cJSON_Delete(t);
  return ok ? t : NULL;
}

static cJSON *make_top(const struct sim_results *r) {
  cJSON *a = cJSON_CreateArray();
  for (int i = 0; a != NULL && i < r->top.n; i++) {
    const double pair[2] = {r->top.cls[i], r->top.logit[i]};
    cJSON *p = cJSON_CreateDoubleArray(pair, 2);
    if (p == NULL || !cJSON_AddItemToArray(a, p)) {
      cJSON_Delete(p);
      cJSON_Delete(a);
      return NULL;
    }
  }
  return a;
}

static cJSON *make_names(const struct sim_results *r) {
  cJSON *a = cJSON_CreateArray();
  for (int i = 0; a != NULL && i < r->n_predictions; i++) {
    cJSON *name = cJSON_CreateString(sim_class_name(&r->source->classes, r->predictions[i]));
    if (name == NULL || !cJSON_AddItemToArray(a, name)) {
      cJSON_Delete(name);
      cJSON_Delete(a);
      return NULL;
    }
  }
  return a;
}

/* The network, built in or from a file. */
static int describe_network(cJSON *d, const struct sim_results *r) {
  const struct sim_options *o = r->o;
  const struct tetra_desc *in = &r->g->values[r->g->input].d;
  int ok =
      sim_json_text(d, "network", o->net.network) && sim_json_text(d, "cycles_from", r->from_model ? "model" : "rtl");
  ok = ok && sim_json_text(d, "precision", o->from_file ? NULL : tetra_precision_name(o->net.precision));
  ok = ok && sim_json_number(d, "width", o->net.width) && sim_json_number(d, "batch", in->n);
  return ok && sim_json_add(d, "input", sim_json_shape(in)) && sim_json_number(d, "array", o->array);
}

static cJSON *make_piece(const struct sim_results *r, const struct sim_piece *p) {
  cJSON *o = cJSON_CreateObject();
  int ok =
      o != NULL && sim_json_number(o, "first", r->first + p->first) && sim_json_number(o, "last", r->first + p->last);
  ok = ok && sim_json_add(o, "cycles", p->done ? cJSON_CreateNumber((double)p->cycles) : cJSON_CreateNull());
  ok =
      ok && sim_json_add(o, "model_cycles", p->done ? cJSON_CreateNumber((double)p->model_cycles) : cJSON_CreateNull());
  ok = ok && sim_json_number(o, "one_run_cycles", (double)sim_one_run_cycles(r, p->first, p->last));
  ok = ok && add_match(o, sim_piece_match(r, p)) && sim_json_number(o, "user_seconds", p->user_seconds);
  if (!ok) cJSON_Delete(o);
  return ok ? o : NULL;
}

/* Nothing for a network that ran as a whole. */
static int add_pieces(cJSON *d, const struct sim_results *r) {
  if (r->n_pieces == 0) return 1;
  cJSON *a = cJSON_CreateArray();
  for (int i = 0; a != NULL && i < r->n_pieces; i++) {
    cJSON *p = make_piece(r, &r->pieces[i]);
    if (p != NULL && cJSON_AddItemToArray(a, p)) continue;
    cJSON_Delete(p);
    cJSON_Delete(a);
    return 0;
  }
  return sim_json_add(d, "pieces", a) &&
         sim_json_number(d, "one_run_cycles", (double)sim_one_run_cycles(r, 0, r->g->n_ops - 1));
}

static cJSON *make_document(const struct sim_results *r) {
  cJSON *d = sim_json_document("run", 1), *sim = cJSON_CreateObject();
  const double khz = r->seconds > 0 ? (double)r->clocks / r->seconds / 1e3 : 0;
  int ok = d != NULL && sim != NULL && describe_network(d, r);
  ok = ok && sim_json_add(d, "hardware", sim_json_hardware(&r->plan->caps));
  ok = ok && sim_json_add(d, "settings", sim_json_settings(r->o)) && add_match(d, r->match);
  ok = ok && sim_json_add(d, "total", make_total(r)) && sim_json_add(d, "layers", make_layers(r));
  ok = ok && sim_json_number(sim, "seconds", r->seconds) && sim_json_number(sim, "khz", khz);
  if (ok) {
    ok = sim_json_add(d, "sim", sim);
  } else {
    cJSON_Delete(sim);
  }
  ok = ok && sim_json_add(d, "top5", make_top(r));
  ok = ok && sim_json_add(d, "predictions", cJSON_CreateIntArray(r->predictions, r->n_predictions));
  if (r->source != NULL && r->source->classes.n != 0) ok = ok && sim_json_add(d, "names", make_names(r));
  if (r->energy != NULL) ok = ok && sim_json_add(d, "energy", make_energy(r));
  ok = ok && add_pieces(d, r);
  if (!ok) cJSON_Delete(d);
  return ok ? d : NULL;
}

int sim_json_write(const char *path, const struct sim_results *r, struct tetra_error *err) {
  return sim_json_deliver(make_document(r), path, err);
}

int sim_json_text_of(const struct sim_results *r, char **text, struct tetra_error *err) {
  cJSON *d = make_document(r);
  *text = d == NULL ? NULL : cJSON_Print(d); /* which allocates by malloc */
  cJSON_Delete(d);
  return *text != NULL ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for the results");
}
