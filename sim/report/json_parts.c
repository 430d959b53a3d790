/* Pieces of JSON documents. */
#include "report/json_parts.h"

#include <stdio.h>

#include "base/outfile.h"
#include "cli/file_options.h"

int sim_json_add(cJSON *to, const char *key, cJSON *item) {
  if (cJSON_AddItemToObject(to, key, item)) return 1;
  cJSON_Delete(item);
  return 0;
}

int sim_json_number(cJSON *to, const char *key, double value) {
  return sim_json_add(to, key, cJSON_CreateNumber(value));
}

int sim_json_text(cJSON *to, const char *key, const char *text) {
  return sim_json_add(to, key, text == NULL ? cJSON_CreateNull() : cJSON_CreateString(text));
}

int sim_json_bool(cJSON *to, const char *key, int value) { return sim_json_add(to, key, cJSON_CreateBool(value)); }

/* The object if all was added; else it is freed. */
static cJSON *finished(cJSON *object, int ok) {
  if (ok) return object;
  cJSON_Delete(object);
  return NULL;
}

cJSON *sim_json_document(const char *name, int version) {
  char schema[40];
  cJSON *d = cJSON_CreateObject();
  snprintf(schema, sizeof schema, "tetra-%s-%d", name, version);
  return finished(d, d != NULL && sim_json_text(d, "schema", schema) && sim_json_text(d, "version", TETRA_VERSION));
}

cJSON *sim_json_shape(const struct tetra_desc *d) {
  cJSON *s = cJSON_CreateObject();
  return finished(s, s != NULL && sim_json_number(s, "h", d->h) && sim_json_number(s, "w", d->w) &&
                         sim_json_number(s, "c", d->c) && sim_json_text(s, "format", tetra_fmt_name(d->fmt)));
}

cJSON *sim_json_hardware(const struct tetra_caps *c) {
  cJSON *h = cJSON_CreateObject();
  int ok = h != NULL && sim_json_number(h, "multipliers_4x4", tetra_caps_multipliers(c));
  ok = ok && sim_json_number(h, "sram_bits", (double)tetra_caps_sram_bits(c));
  ok = ok && sim_json_number(h, "act_words", c->act_words) && sim_json_number(h, "wgt_words", c->wgt_words);
  ok = ok && sim_json_number(h, "res_words", c->res_words) && sim_json_number(h, "par_entries", c->par_entries);
  ok = ok && sim_json_number(h, "acc_pixels", c->acc_pixels) && sim_json_number(h, "pool_words", c->pool_words);
  return finished(h, ok);
}

static cJSON *make_dram(const struct sim_options *o) {
  cJSON *d = cJSON_CreateObject();
  return finished(d, d != NULL && sim_json_number(d, "bytes_per_cycle", o->bytes_per_cycle) &&
                         sim_json_number(d, "latency", o->latency) && sim_json_number(d, "stall", o->stall));
}

cJSON *sim_json_settings(const struct sim_options *o) {
  static const char *const checks[] = {"layer", "final", "none"};
  cJSON *s = cJSON_CreateObject();
  int ok = s != NULL && sim_json_number(s, "seed", (double)o->net.seed) && sim_json_text(s, "image", o->image);
  ok = ok && sim_json_text(s, "layers", o->layers) && sim_json_text(s, "check", checks[o->check]);
  ok = ok && sim_json_bool(s, "fuse", o->net.fuse) && sim_json_text(s, "backend", sim_backend_name(o->backend));
  ok = ok && sim_json_text(s, "bits", o->bits);
  ok = ok && sim_json_add(s, "dram", make_dram(o));
  return finished(s, ok);
}

int sim_json_deliver(cJSON *document, const char *path, struct tetra_error *err) {
  char *text = document == NULL ? NULL : cJSON_Print(document);
  const int rc = text == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for the results")
                              : sim_outfile_text("--json", path, text, err);
  cJSON_free(text);
  cJSON_Delete(document);
  return rc;
}
