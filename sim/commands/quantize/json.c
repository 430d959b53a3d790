/* The result of `./sim quantize` for programs. */
#include "commands/quantize/json.h"

#include <math.h>

#include "report/json_parts.h"

/* JSON has no infinity, which the ratio is where nothing was lost, and no NaN: without images it is not known. */
static int add_ratio(cJSON *to, const char *key, double db) {
  return sim_json_add(to, key, isfinite(db) ? cJSON_CreateNumber(db) : cJSON_CreateNull());
}

/* Stages of a layer's weights: J of each. */
static int add_stages(cJSON *to, const struct tetra_quantized *q) {
  cJSON *stages = cJSON_CreateObject();
  int ok = stages != NULL;
  for (int s = 0; ok && s < q->n_stages; s++) ok = sim_json_number(stages, q->stages[s].name, q->stages[s].j);
  if (!ok) {
    cJSON_Delete(stages);
    return 0;
  }
  return sim_json_add(to, "j", stages) && sim_json_number(to, "j_of_zero", q->power);
}

static cJSON *make_item(const struct tetra_quantized *q) {
  cJSON *i = cJSON_CreateObject();
  if (i != NULL && sim_json_text(i, "name", q->name) &&
      sim_json_text(i, "what", q->is_weights ? "weights" : "values") &&
      sim_json_text(i, "format", tetra_fmt_name(q->fmt)) && sim_json_number(i, "bound", q->bound) &&
      add_ratio(i, "snr_db", q->snr_db) && sim_json_number(i, "saturated", q->saturated) &&
      (!q->is_weights || add_stages(i, q))) {
    return i;
  }
  cJSON_Delete(i);
  return NULL;
}

static cJSON *make_items(const struct tetra_quantize_report *r) {
  cJSON *a = cJSON_CreateArray();
  for (int i = 0; a != NULL && i < r->n_items; i++) {
    cJSON *item = make_item(&r->items[i]);
    if (item != NULL && cJSON_AddItemToArray(a, item)) continue;
    cJSON_Delete(item);
    cJSON_Delete(a);
    return NULL;
  }
  return a;
}

int quantize_json(const struct quantize_options *o, const struct quantize_images *images,
                  const struct tetra_quantize_report *r, const struct quantize_agreement *a, struct tetra_error *err) {
  cJSON *d = sim_json_document("quantize", 2);
  int ok = d != NULL && sim_json_text(d, "network", o->network) && sim_json_text(d, "output", o->out);
  ok = ok && sim_json_text(d, "precision", o->bits != NULL ? NULL : tetra_precision_name(o->how.precision));
  ok = ok && sim_json_text(d, "bits", o->bits) && sim_json_text(d, "calibrate", o->calibrate);
  ok = ok && sim_json_number(d, "images", images->n) &&
       sim_json_text(d, "method", tetra_quantize_method_name(o->how.method));
  ok = ok && sim_json_number(d, "granularity", o->how.granularity) && add_ratio(d, "kl", a->n > 0 ? a->kl : NAN);
  ok = ok && sim_json_add(d, "items", make_items(r)) && add_ratio(d, "output_snr_db", r->output_snr_db);
  ok = ok && sim_json_add(d, "same_top1", a->n > 0 ? cJSON_CreateNumber(a->same_top1) : cJSON_CreateNull());
  if (!ok) {
    cJSON_Delete(d);
    d = NULL;
  }
  return sim_json_deliver(d, o->json, err);
}
