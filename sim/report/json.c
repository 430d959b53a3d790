/* Results as JSON, for programs. docs/simulator.md lists every key. */
#include <cjson/cJSON.h>

#include "base/outfile.h"
#include "report/writers.h"
#include "tetra/device.h"

static int add(cJSON *to, const char *key, cJSON *item) {
  if (cJSON_AddItemToObject(to, key, item)) return 1;
  cJSON_Delete(item);
  return 0;
}

static int add_number(cJSON *to, const char *key, double value) { return add(to, key, cJSON_CreateNumber(value)); }

static int add_match(cJSON *to, enum sim_match match) {
  return add(to, "match", match == SIM_UNCHECKED ? cJSON_CreateNull() : cJSON_CreateBool(match == SIM_EQUAL));
}

static cJSON *make_layer(const struct sim_results *r, int i) {
  const struct tetra_plan_layer *p = &r->plan->layers[i];
  cJSON *l = cJSON_CreateObject();
  int ok = l != NULL && add(l, "name", cJSON_CreateString(r->g->ops[i].name));
  ok = ok && add(l, "kind", cJSON_CreateString(sim_kind_name(r->g, i)));
  const struct tetra_op *op = &r->g->ops[i];
  ok = ok && add(l, "groups", op->kind == TETRA_CONV ? cJSON_CreateNumber(op->groups) : cJSON_CreateNull());
  ok = ok && add_number(l, "macs", (double)p->macs);
  ok = ok && add_number(l, "cycles", (double)r->layers[i].cycles);
  ok = ok && add_number(l, "busy_cycles", (double)r->layers[i].busy);
  ok = ok && add_number(l, "bound_cycles", (double)p->compute_bound);
  ok = ok && add(l, "utilization", p->macs == 0 ? cJSON_CreateNull() : cJSON_CreateNumber(sim_utilization(r, i)));
  ok = ok && add_number(l, "dram_bytes", (double)r->layers[i].dram_bytes);
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
  cJSON *t = cJSON_CreateObject(), *stalls = cJSON_CreateObject();
  int ok = t != NULL && add_number(t, "cycles", (double)r->cycles) &&
           add_number(t, "bound_cycles", (double)sum.compute_bound);
  ok = ok && add_number(t, "macs", (double)sum.macs) && add_number(t, "utilization", sum.utilization);
  ok = ok && add_number(t, "dram_bytes", (double)sum.dram_bytes);
  for (uint32_t c = SIM_FIRST_CLASS; ok && c <= SIM_LAST_CLASS; c++) {
    ok = add_number(stalls, tetra_counter_name(c), (double)r->counters[c]);
  }
  if (ok) {
    ok = add(t, "stalls", stalls);
  } else {
    cJSON_Delete(stalls);
  }
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

static cJSON *make_hardware(const struct tetra_caps *c) {
  cJSON *h = cJSON_CreateObject();
  if (h != NULL && add_number(h, "multipliers_4x4", tetra_caps_multipliers(c)) &&
      add_number(h, "sram_bits", (double)tetra_caps_sram_bits(c))) {
    return h;
  }
  cJSON_Delete(h);
  return NULL;
}

static cJSON *make_document(const struct sim_results *r) {
  cJSON *d = cJSON_CreateObject(), *sim = cJSON_CreateObject();
  const double khz = r->seconds > 0 ? (double)r->clocks / r->seconds / 1e3 : 0;
  int ok = d != NULL && sim != NULL && add(d, "network", cJSON_CreateString(r->o->net.network));
  ok = ok && add(d, "precision",
                 r->o->from_file ? cJSON_CreateNull() : cJSON_CreateString(tetra_precision_name(r->o->net.precision)));
  ok = ok && add_number(d, "width", r->o->net.width) && add_number(d, "array", r->o->array);
  ok = ok && add(d, "hardware", make_hardware(&r->plan->caps)) && add_match(d, r->match);
  ok = ok && add(d, "total", make_total(r)) && add(d, "layers", make_layers(r));
  ok = ok && add_number(sim, "seconds", r->seconds) && add_number(sim, "khz", khz);
  if (ok) {
    ok = add(d, "sim", sim);
  } else {
    cJSON_Delete(sim);
  }
  ok = ok && add(d, "top5", make_top(r));
  ok = ok && add(d, "predictions", cJSON_CreateIntArray(r->predictions, r->n_predictions));
  if (r->source != NULL && r->source->classes.n != 0) ok = ok && add(d, "names", make_names(r));
  if (!ok) cJSON_Delete(d);
  return ok ? d : NULL;
}

int sim_json_write(const char *path, const struct sim_results *r, struct tetra_error *err) {
  cJSON *d = make_document(r);
  char *text = d == NULL ? NULL : cJSON_Print(d);
  const int rc = text == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for the results")
                              : sim_outfile_text("--json", path, text, err);
  cJSON_free(text);
  cJSON_Delete(d);
  return rc;
}
